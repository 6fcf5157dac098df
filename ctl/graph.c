/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/graph.h"

#include <inttypes.h>

#include "ctl/fmt.h"
#include "src/base/cleanup.h"

#define TEXT_MAX 200

static const char *colour_of(const char *severity)
{
	static const struct {
		const char *name, *colour;
	} colours[] = {
		{ "critical", "#b00020" }, { "high", "#d9480f" }, { "medium", "#e8a400" }, { "low", "#2f7ed8" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(colours); i++)
		if (strcmp(colours[i].name, severity) == 0)
			return colours[i].colour;
	return "#6c757d";
}

/* --- Graphviz --- */

/* In a string in quotes: its own escapes are taken from what came. */
static void put_dot(FILE *to, struct hawk_buf *text)
{
	for (size_t i = 0; i < text->len && !text->error; i++) {
		if (text->data[i] == '"' || text->data[i] == '\\')
			fputc('\\', to);
		fputc(text->data[i], to);
	}
	hawk_buf_reset(text);
}

static void dot_processes(FILE *to, const json_t *reply)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	size_t n;

	for (size_t i = 0; hawk_graph_process(reply, i, &n); i++) {
		const json_t *p = hawk_graph_process(reply, i, &n);

		fprintf(to, "\tp%zu [shape=box, label=\"", i);
		hawk_graph_command(&text, p, TEXT_MAX);
		put_dot(to, &text);
		fprintf(to, "\\npid %" PRIu64 ", uid %" PRIu64, hawk_get_u64(p, "pid"), hawk_get_u64(p, "uid"));
		if (*hawk_get_string(p, "unit")) {
			fputs("\\n", to);
			hawk_graph_text(&text, hawk_get_string(p, "unit"), TEXT_MAX);
			put_dot(to, &text);
		}
		fprintf(to, "\"%s];\n", i + 1 == n ? ", penwidth=3" : "");
		if (i)
			fprintf(to, "\tp%zu -> p%zu;\n", i - 1, i);
	}
}

/* A node for each of LIST, one behind the other, between the process and the finding. */
static void dot_items(FILE *to, const json_t *list, const char *prefix, const char *style, size_t max)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	size_t n = json_array_size(list), first = n > max ? n - max : 0;

	for (size_t i = first; i < n; i++) {
		const json_t *item = json_array_get(list, i);
		const char *name = *hawk_get_string(item, "event") ? "event" : "signature";

		fprintf(to, "\t%s%zu [%s, label=\"", prefix, i, style);
		hawk_graph_before(&text, item);
		hawk_buf_putc(&text, ' ');
		hawk_graph_text(&text, hawk_get_string(item, name), TEXT_MAX);
		hawk_buf_printf(&text, " pid %" PRIu64, hawk_get_u64(item, "pid"));
		put_dot(to, &text);
		fputs("\\n", to);
		if (*name == 's')
			hawk_graph_text(&text, hawk_get_string(item, "message"), TEXT_MAX);
		else
			hawk_graph_data(&text, item, TEXT_MAX);
		put_dot(to, &text);
		fputs("\"];\n", to);
		if (i > first)
			fprintf(to, "\t%s%zu -> %s%zu [style=dotted];\n", prefix, i - 1, prefix, i);
	}
	if (n)
		fprintf(to, "\t%s%zu -> finding [style=dashed];\n", prefix, n - 1);
}

void hawk_graph_dot(FILE *to, const json_t *reply)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const json_t *finding = json_object_get(reply, "finding"), *story = json_object_get(reply, "story");
	size_t n = 0;

	fputs("digraph finding {\n\trankdir=TB;\n\tnode [fontname=\"sans-serif\", fontsize=10];\n", to);
	dot_processes(to, reply);
	fprintf(to, "\tfinding [shape=octagon, style=filled, fontcolor=white, fillcolor=\"%s\", label=\"",
		colour_of(hawk_get_string(finding, "severity")));
	hawk_graph_text(&text, hawk_get_string(finding, "signature"), TEXT_MAX);
	hawk_buf_lit(&text, " (");
	hawk_graph_text(&text, hawk_get_string(finding, "severity"), TEXT_MAX);
	hawk_buf_putc(&text, ')');
	put_dot(to, &text);
	fputs("\\n", to);
	hawk_graph_text(&text, hawk_get_string(finding, "message"), TEXT_MAX);
	put_dot(to, &text);
	fputs("\"];\n", to);
	hawk_graph_process(reply, 0, &n);
	if (n)
		fprintf(to, "\tp%zu -> finding [penwidth=2];\n", n - 1);
	dot_items(to, json_object_get(story, "path"), "b", "shape=hexagon", HAWK_GRAPH_EVENTS);
	dot_items(to, json_object_get(story, "evidence"), "e", "shape=note", HAWK_GRAPH_EVENTS);
	dot_items(to, json_object_get(story, "context"), "c", "shape=plaintext", HAWK_GRAPH_EVENTS);
	fputs("}\n", to);
}

/* --- SVG --- */

#define WIDTH 1180
#define ROW 18
#define MARGIN 16
#define STEP 22 /* a process is this much to the right of its parent */

struct drawing {
	FILE *to;
	struct hawk_buf text;
	unsigned int y;
};

/* Text of XML. What is safe for a terminal may still be no character of XML: U+FFFE, U+FFFF. */
static void put_xml(FILE *to, const struct hawk_buf *text)
{
	for (size_t i = 0; i < text->len && !text->error; i++) {
		const char *p = text->data + i;

		if (*p == '&')
			fputs("&amp;", to);
		else if (*p == '<')
			fputs("&lt;", to);
		else if (*p == '>')
			fputs("&gt;", to);
		else if (*p == '"')
			fputs("&quot;", to);
		else if (i + 2 < text->len && !memcmp(p, "\xef\xbf", 2) && ((unsigned char)p[2] & 0xfe) == 0xbe)
			fputc('?', to), i += 2;
		else
			fputc(*p, to);
	}
}

/* Writes what D has in its text at X; empties it. */
static void put_line(struct drawing *d, unsigned int x, const char *attributes)
{
	fprintf(d->to, "<text x=\"%u\" y=\"%u\"%s>", x, d->y, attributes);
	put_xml(d->to, &d->text);
	fputs("</text>\n", d->to);
	hawk_buf_reset(&d->text);
}

static void put_title(struct drawing *d, const char *title)
{
	d->y += 2 * ROW;
	hawk_buf_puts(&d->text, title);
	put_line(d, MARGIN, " font-weight=\"bold\"");
	d->y += ROW / 3;
}

static void svg_process(struct drawing *d, const json_t *p, size_t i, bool last, const char *colour)
{
	unsigned int x = MARGIN + STEP * (unsigned int)i;

	d->y += ROW + 4;
	if (i)
		fprintf(d->to, "<path d=\"M%u %uV%uH%u\" fill=\"none\" stroke=\"#999\"/>\n", x - STEP + 6,
			d->y - ROW + 1, d->y - 4, x - 2);
	fprintf(d->to, "<circle cx=\"%u\" cy=\"%u\" r=\"4\" fill=\"%s\"/>\n", x + 6, d->y - 4, last ? colour : "#999");
	hawk_graph_command(&d->text, p, 100);
	hawk_buf_printf(&d->text, "  (pid %" PRIu64 ", uid %" PRIu64, hawk_get_u64(p, "pid"), hawk_get_u64(p, "uid"));
	if (*hawk_get_string(p, "unit")) {
		hawk_buf_lit(&d->text, ", ");
		hawk_graph_text(&d->text, hawk_get_string(p, "unit"), 60);
	}
	hawk_buf_putc(&d->text, ')');
	put_line(d, x + 16, last ? " font-weight=\"bold\"" : "");
}

static void svg_items(struct drawing *d, const char *title, const json_t *list)
{
	size_t n = json_array_size(list), first = n > HAWK_GRAPH_EVENTS ? n - HAWK_GRAPH_EVENTS : 0;
	unsigned int top;

	if (!n)
		return;
	put_title(d, title);
	top = d->y;
	for (size_t i = first; i < n; i++) {
		const json_t *item = json_array_get(list, i);
		const char *severity = hawk_get_string(item, "severity");

		d->y += ROW;
		hawk_graph_before(&d->text, item);
		put_line(d, MARGIN + 72, " text-anchor=\"end\" fill=\"#666\"");
		fprintf(d->to, "<circle cx=\"%d\" cy=\"%u\" r=\"4\" fill=\"%s\"/>\n", MARGIN + 86, d->y - 4, colour_of(severity));
		hawk_graph_text(&d->text, hawk_get_string(item, *severity ? "signature" : "event"), 40);
		hawk_buf_printf(&d->text, "  pid %" PRIu64 "  ", hawk_get_u64(item, "pid"));
		hawk_graph_text(&d->text, hawk_get_string(item, "comm"), 16);
		put_line(d, MARGIN + 100, "");
		if (*severity)
			hawk_graph_text(&d->text, hawk_get_string(item, "message"), 110);
		else
			hawk_graph_data(&d->text, item, 110);
		put_line(d, MARGIN + 400, " fill=\"#444\"");
	}
	fprintf(d->to, "<path d=\"M%d %uV%u\" stroke=\"#ccc\"/>\n", MARGIN + 86, top + 4, d->y + 4);
}

void hawk_graph_svg(FILE *to, const json_t *reply)
{
	const json_t *finding = json_object_get(reply, "finding"), *story = json_object_get(reply, "story"), *p;
	const char *colour = colour_of(hawk_get_string(finding, "severity"));
	struct drawing d = { .y = MARGIN + ROW };
	char *body = NULL;
	size_t n, len = 0;

	d.to = open_memstream(&body, &len);
	if (!d.to)
		return;
	hawk_graph_text(&d.text, hawk_get_string(finding, "signature"), 64);
	hawk_buf_lit(&d.text, "  ");
	hawk_graph_text(&d.text, hawk_get_string(finding, "severity"), 16);
	hawk_buf_lit(&d.text, "  ");
	hawk_graph_text(&d.text, hawk_get_string(finding, "time"), 40);
	fprintf(d.to, "<rect x=\"0\" y=\"0\" width=\"%d\" height=\"6\" fill=\"%s\"/>\n", WIDTH, colour);
	put_line(&d, MARGIN, " font-size=\"15\" font-weight=\"bold\"");
	d.y += ROW;
	hawk_graph_text(&d.text, hawk_get_string(finding, "message"), 160);
	put_line(&d, MARGIN, "");
	put_title(&d, "Processes");
	for (size_t i = 0; (p = hawk_graph_process(reply, i, &n)); i++)
		svg_process(&d, p, i, i + 1 == n, colour);
	svg_items(&d, "Findings before it", json_object_get(story, "path"));
	svg_items(&d, "Evidence", json_object_get(story, "evidence"));
	svg_items(&d, "What these processes did before", json_object_get(story, "context"));
	hawk_buf_done(&d.text);
	fclose(d.to);
	fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		WIDTH, d.y + MARGIN, WIDTH, d.y + MARGIN);
	if (body)
		fwrite(body, 1, len, to);
	fputs("</svg>\n", to);
	free(body);
}
