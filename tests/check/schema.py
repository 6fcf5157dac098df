#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The JSON Schema that is shipped is one, the stored output of the format json and one of every event follow it, and
it refuses what is not an event."""
import json
import os
import subprocess
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

SRC, BUILD = os.environ.get("SRCDIR", "."), os.environ.get("BUILDDIR", ".")
faults = 0


def fault(text):
    global faults
    print(f"FAULT: {text}")
    faults += 1


def stored(path):
    with open(os.path.join(SRC, path), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def made():
    """Every event that there is, with values of no meaning."""
    output = subprocess.run([os.path.join(BUILD, "tests/golden/emit"), "--all", "json"], check=True,
                            capture_output=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def changed(event, change):
    copy = json.loads(json.dumps(event))
    change(copy)
    return copy


with open(os.path.join(BUILD, "ctl/schema/event.json"), encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)


def check(value, part, name):
    for error in validator.evolve(schema=part).iter_errors(value):
        fault(f"{name}: {error.json_path}: {error.message}")


seen = stored("tests/golden/events.json") + stored("tests/golden/families.json") + stored("tests/replay/replay.json")
for event in seen:
    check(event, schema, event["event"])

# To look for the event in all alternatives takes milliseconds: of these the parts are looked at.
unseen = set(schema["properties"]["event"]["enum"])
parts = {rule["if"]["properties"]["event"]["const"]: rule["then"]["properties"]["data"] for rule in schema["allOf"]}
for event in made():
    check(event["data"], parts[event["event"]], event["event"])
    check(event["process"], schema["properties"]["process"], event["event"])
    unseen.discard(event["event"])
for name in sorted(unseen):
    fault(f"nothing was checked of {name}")

if validator.evolve(schema=parts["file_open"]).is_valid({"no_such_field": 1}):
    fault("parts of the schema allow anything")
good = next(event for event in seen if event["event"] == "file_open")
for what, change in {
        "an unknown event": lambda e: e.update(event="no_such_event"),
        "the data of another event": lambda e: e.update(event="sched_process_exit"),
        "a field that no event has": lambda e: e["data"].update(no_such_field=1),
        "a number for a text": lambda e: e["data"].update(pathname=1),
        "a text for a number": lambda e: e["data"].update(inode="1"),
        "a mark that is no truth value": lambda e: e["data"].update(pathname_deleted="yes"),
        "a mark that says nothing": lambda e: e["data"].update(pathname_deleted=False),
        "a mark that there is not": lambda e: e["data"].update(pathname_forged=True),
        "a list for a number": lambda e: e["data"].update(inode=[1]),
        "a name for a list of names": lambda e: e["data"].update(flags="O_RDONLY"),
        "a negative number": lambda e: e["data"].update(inode=-1),
        "an event without data": lambda e: e.pop("data"),
        "a time that is none": lambda e: e.update(time="yesterday"),
        "an event without a time": lambda e: e.pop("time"),
        "a field of the process that there is not": lambda e: e["process"].update(no_such_field=1),
        "a namespace without its object": lambda e: e["process"]["ns"].update(mnt=1),
        "a field deep in the process": lambda e: e["process"]["ns"]["mnt"].update(inode="1"),
}.items():
    if validator.is_valid(changed(good, change)):
        fault(f"the schema allows {what}")
# Every line that is stored is refused with one key more, whatever its event.
for event in seen:
    if validator.is_valid(changed(event, lambda e: e["data"].update(no_such_field=1))):
        fault(f"the schema allows a field that {event['event']} does not have")
print(f"schema: {len(seen)} stored events, {len(parts)} kinds of them, {faults} faults")
sys.exit(faults > 0)
