/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recording: header, process table, then every record that the pipeline reads.
 * The pipeline thread copies records to a bounded queue; the control thread
 * sends them. One client records at a time.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/collect/recording.h"
#include "src/control/server.h"

/* Bytes in one reply, a multiple of 3. */
#define CHUNK (24 * 1024)
/* Of header and process table. */
#define SNAPSHOT_MAX (256 * 1024 * 1024)

struct recorder {
	struct hawk_job job;
	struct hawk_session *session;
	struct hawk_buf sending; /* what goes out now */
	size_t sent;
	bool ready;              /* told */
	struct hawk_buf reply;
	pthread_mutex_t lock;    /* of the rest */
	struct hawk_buf queue;   /* whole records */
	uint64_t lost;
	int error;               /* of the snapshot */
};

/* Pipeline thread. */
static void on_record(void *ctx, const void *record, size_t len)
{
	struct recorder *r = ctx;
	size_t before;

	pthread_mutex_lock(&r->lock);
	before = r->queue.len;
	if (hawk_recording_put(&r->queue, record, len) < 0) {
		/* Too slow a client, or no memory: this record is gone whole, the next may fit. */
		r->queue.len = before;
		r->queue.error = 0;
		r->lost++;
	}
	pthread_mutex_unlock(&r->lock);
	hawk_session_wake(r->session);
}

static int add_seed(const struct hawk_process *p, void *ctx)
{
	struct recorder *r = ctx;

	/* The exited are there for ancestry; a replay has the same use for them. */
	return hawk_recording_put_seed(&r->sending, p);
}

/*
 * Pipeline thread. What was read before is in the table already: recording it
 * as well would apply it twice.
 */
static void snapshot(void *arg, struct hawk_proctab *proctab)
{
	struct recorder *r = arg;

	r->error = hawk_proctab_each(proctab, add_seed, r);
	pthread_mutex_lock(&r->lock);
	hawk_buf_reset(&r->queue);
	r->lost = 0;
	pthread_mutex_unlock(&r->lock);
}

/* Gets what came meanwhile; a swap keeps the lock short. */
static uint64_t refill(struct recorder *r)
{
	struct hawk_buf empty = r->sending;
	uint64_t lost;

	hawk_buf_reset(&empty);
	r->sent = 0;
	pthread_mutex_lock(&r->lock);
	empty.max = r->queue.max;
	r->sending = r->queue;
	r->queue = empty;
	lost = r->lost;
	r->lost = 0;
	pthread_mutex_unlock(&r->lock);
	return lost;
}

static void put_base64(struct hawk_buf *out, const uint8_t *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; n; p += n < 3 ? n : 3, n -= n < 3 ? n : 3) {
		uint32_t v = p[0] << 16 | (n > 1 ? p[1] << 8 : 0) | (n > 2 ? p[2] : 0);

		hawk_buf_putc(out, digits[v >> 18]);
		hawk_buf_putc(out, digits[v >> 12 & 63]);
		hawk_buf_putc(out, n > 1 ? digits[v >> 6 & 63] : '=');
		hawk_buf_putc(out, n > 2 ? digits[v & 63] : '=');
	}
}

static int send_chunk(struct hawk_session *s, struct recorder *r)
{
	size_t n = r->sending.len - r->sent;
	int e;

	if (n > CHUNK)
		n = CHUNK;
	hawk_buf_reset(&r->reply);
	hawk_buf_lit(&r->reply, "{\"chunk\":\"");
	put_base64(&r->reply, (const uint8_t *)r->sending.data + r->sent, n);
	hawk_buf_lit(&r->reply, "\"}");
	e = hawk_reply_text(s, &r->reply, true);
	if (e == 0)
		r->sent += n;
	return e;
}

static int record_run(struct hawk_session *s, struct hawk_job *job)
{
	struct recorder *r = (struct recorder *)job;
	int e = 0;

	while (e == 0 && hawk_session_pending(s) < HAWK_OUTPUT_LOW) {
		uint64_t lost;

		if (r->sent < r->sending.len) {
			e = send_chunk(s, r);
			continue;
		}
		if (!r->ready) {
			r->ready = true;
			/* The table was larger than anything that follows. */
			r->job.bytes -= r->sending.cap;
			hawk_buf_done(&r->sending);
			e = hawk_reply_more(s, json_pack("{s:b}", "ready", 1));
			continue;
		}
		lost = refill(r);
		if (lost)
			e = hawk_reply_more(s, json_pack("{s:o}", "lost", hawk_json_u64(lost)));
		else if (!r->sending.len)
			break;
	}
	return e;
}

static void recorder_free(struct hawk_session *s, struct hawk_job *job)
{
	struct recorder *r = (struct recorder *)job;
	struct hawk_control *c = s->control;

	if (c->recorder == job) {
		c->ops->tap_set(c->ctx, NULL, NULL);
		c->recorder = NULL;
	}
	hawk_buf_done(&r->sending);
	hawk_buf_done(&r->queue);
	hawk_buf_done(&r->reply);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* Sets the tap and takes the table. Returns 0 or -errno. */
static int begin(struct hawk_control *c, struct recorder *r)
{
	struct hawk_recording_header header;
	int e;

	hawk_recording_header_fill(&header);
	e = hawk_recording_put_header(&r->sending, &header);
	if (e < 0)
		return e;
	e = c->ops->tap_set(c->ctx, on_record, r);
	if (e < 0)
		return e;
	c->recorder = &r->job;
	c->ops->in_pipeline(c->ctx, snapshot, r);
	return r->error < 0 ? r->error : r->sending.error;
}

int hawk_do_RECORD(struct hawk_session *s, const json_t *args)
{
	struct hawk_control *c = s->control;
	struct recorder *r;
	size_t room;
	int e;

	(void)args;
	if (c->recorder)
		return hawk_reply_failed(s, "another client is recording; one can at a time");
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->job = (struct hawk_job){ .run = record_run, .free = recorder_free };
	r->session = s;
	/* Both queues count in full, the snapshot as long as it is. */
	r->job.bytes = sizeof(*r) + 2 * CHUNK + 2 * c->options.client_bytes;
	room = hawk_session_room_for_job(s);
	if (r->job.bytes > room) {
		free(r);
		return -ENOBUFS;
	}
	room -= r->job.bytes;
	r->sending.max = room < SNAPSHOT_MAX ? room : SNAPSHOT_MAX;
	r->queue.max = c->options.client_bytes;
	pthread_mutex_init(&r->lock, NULL);
	e = begin(c, r);
	if (e < 0) {
		recorder_free(s, &r->job);
		if (e == -E2BIG && room < SNAPSHOT_MAX)
			return -ENOBUFS;
		return e == -E2BIG ? hawk_reply_failed(s, "the process table is too large") : e;
	}
	r->job.bytes += r->sending.cap;
	s->job = &r->job;
	return 0;
}
