/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/detecting.h"

void hawk_detecting_switch(struct hawk_detecting *d, const struct hawk_sig_set *set)
{
	hawk_sig_engine_use(d->engine, set);
	d->set = set;
}

bool hawk_detecting_wants(const struct hawk_detecting *d, uint16_t event)
{
	return d->set && hawk_sig_set_wants(d->set, event);
}

void hawk_detecting_event(struct hawk_detecting *d, const struct hawk_event *event)
{
	/* what the kernel says no signature can be about, and is here for somebody else */
	bool nothing = event->rec_flags & HAWK_REC_JUDGED && !(event->rec_flags & HAWK_REC_INTEREST);

	if (d->inside || nothing || !hawk_detecting_wants(d, event->desc->id))
		return;
	d->inside = true;
	hawk_sig_engine_event(d->engine, event, d->model, d->tell, d->ctx);
	d->inside = false;
}

void hawk_detecting_advance(struct hawk_detecting *d, uint64_t time)
{
	if (!d->set)
		return;
	d->inside = true;
	hawk_sig_engine_advance(d->engine, time, d->model, d->tell, d->ctx);
	d->inside = false;
}
