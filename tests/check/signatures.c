/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The signatures that come with Sechawk: they are read without a warning, their tests pass, each has one that finds
 * something and one that does not, their files bear their names, and what Tracee finds is found by the same name.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/sig/signature.h"
#include "src/sig/test.h"

#define FILES_MAX 512
#define SIGNATURES_MIN 60

/* The detectors of Tracee, by the names of their events. */
static const char *const tracee[] = {
	"anti_debugging", "aslr_inspection", "cgroup_notify_on_release", "cgroup_release_agent",
	"core_pattern_modification", "default_loader_mod", "disk_mount", "docker_abuse", "dropped_executable",
	"dynamic_code_loading", "fileless_execution", "hidden_file_created", "hooked_seq_ops_detector",
	"hooked_syscall_detector", "illegitimate_shell", "k8s_api_connection", "k8s_cert_theft",
	"k8s_service_account_token", "kernel_module_loading", "ld_preload", "proc_fops_hooking", "proc_kcore_read",
	"proc_mem_access", "proc_mem_code_injection", "process_vm_write_inject", "ptrace_code_injection",
	"rcd_modification", "sched_debug_recon", "scheduled_task_mod", "stdio_over_socket", "sudoers_modification",
	"syscall_hooking", "system_request_key_mod",
};

static char *names[FILES_MAX];
static struct hawk_sig_source sources[FILES_MAX];
static struct hawk_diags diags[FILES_MAX];
static size_t n_sources;
static unsigned int faults;

#define FAULT(...) (faults++, printf("FAULT: " __VA_ARGS__), putchar('\n'))

static char *slurp(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "re");
	char *text = malloc(HAWK_SIG_TEXT_MAX);

	if (!file || !text) {
		perror(path);
		exit(1);
	}
	*ret_len = fread(text, 1, HAWK_SIG_TEXT_MAX, file);
	fclose(file);
	return text;
}

static int wanted(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".list") == 0);
}

static void gather(const char *directory)
{
	struct dirent **entries;
	const int n = scandir(directory, &entries, wanted, alphasort);
	char *path;

	if (n <= 0 || n > FILES_MAX) {
		printf("%s: %d files\n", directory, n);
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0)
			exit(1);
		names[i] = strdup(entries[i]->d_name);
		sources[i].path = diags[i].path = names[i];
		sources[i].text = slurp(path, &sources[i].len);
		free(path);
		free(entries[i]);
	}
	free(entries);
	n_sources = (size_t)n;
}

static void tell(const struct hawk_diags *d)
{
	struct hawk_buf text = HAWK_BUF_INIT;

	hawk_diags_print(d, &text);
	if (text.len > 0)
		FAULT("%.*s", (int)text.len, text.data);
	hawk_buf_done(&text);
}

/* What people and catalogs need of each. */
static void complete(const struct hawk_sig *s)
{
	const size_t length = strlen(s->name);
	size_t finding = 0, silent = 0;

	for (size_t i = 0; i < s->n_tests; i++)
		*(s->tests[i].n_finds > 0 ? &finding : &silent) += 1;
	if (finding == 0 || silent == 0)
		FAULT("%s: it needs a test that finds something and one that does not", s->path);
	if (strncmp(s->path, s->name, length) != 0 || strcmp(s->path + length, ".yaml") != 0)
		FAULT("%s: the signature in it is called %s", s->path, s->name);
	if (!s->title || !s->description || !s->tactic || !s->technique || !s->layer || !s->what_to_do ||
	    !s->false_positives || !s->message || !s->n_references || !s->n_output)
		FAULT("%s: something of title, description, mitre, layer, references, message, output, what_to_do "
		      "and false_positives is missing", s->path);
	if (strncmp(s->id, "SHK-", 4) != 0)
		FAULT("%s: its id %s does not begin with SHK-", s->path, s->id);
	if (s->n_pending > 0)
		FAULT("%s: %s", s->path, s->pending[0]);
}

static void run(const struct hawk_sig *s, const struct hawk_sig_set *set)
{
	for (size_t i = 0; i < s->n_tests; i++) {
		struct hawk_diags problems = { .path = s->path };
		struct hawk_buf text = HAWK_BUF_INIT;

		if (hawk_sig_test_run(s, i, set, &text, &problems) != 1)
			FAULT("%s:%u: test \"%s\": %.*s", s->path, s->tests[i].line, s->tests[i].name, (int)text.len,
			      text.data ? text.data : "");
		tell(&problems);
		hawk_diags_done(&problems);
		hawk_buf_done(&text);
	}
}

static bool have(const struct hawk_sig_files *files, const char *name)
{
	for (size_t i = 0; i < files->n_signatures; i++) {
		if (strcmp(files->signatures[i]->name, name) == 0)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("SRCDIR");
	struct hawk_sig_files files = { .n_signatures = 0 };
	struct hawk_sig_set *set = NULL;
	char directory[4096];

	snprintf(directory, sizeof(directory), "%s/etc/signatures", srcdir ? srcdir : ".");
	gather(argc > 1 ? argv[1] : directory);
	if (hawk_sig_read(&files, sources, n_sources, diags) < 0 ||
	    hawk_sig_set_new(&set, files.signatures, files.n_signatures) < 0)
		FAULT("no memory");
	for (size_t i = 0; i < n_sources; i++)
		tell(&diags[i]);
	for (size_t i = 0; i < files.n_signatures; i++) {
		complete(files.signatures[i]);
		run(files.signatures[i], set);
	}
	if (files.n_signatures < SIGNATURES_MIN)
		FAULT("%zu signatures only", files.n_signatures);
	for (size_t i = 0; i < sizeof(tracee) / sizeof(*tracee); i++) {
		if (!have(&files, tracee[i]))
			FAULT("%s of Tracee is missing", tracee[i]);
	}
	printf("%zu signatures, %zu lists, %u faults\n", files.n_signatures, files.n_lists, faults);
	hawk_sig_set_free(set);
	hawk_sig_files_done(&files);
	for (size_t i = 0; i < n_sources; i++) {
		hawk_diags_done(&diags[i]);
		free((char *)sources[i].text);
		free(names[i]);
	}
	return faults > 0;
}
