# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tracee's detectors and the policies that name their events: chains, filters, and names that come later."""
import os

from cases_signatures import MARKED, findings, put, start, true
from lab import case, expect, expect_equal, get, until

RAN = """
type: detector
id: D-1
produced_event: {name: true_ran, version: 1.0.0, tags: [for_tests]}
requirements:
  events:
    - {name: sched_process_exec, data_filters: ["pathname=*/true"]}
conditions: ['getEventData("argv")[1].startsWith("chain")']
output:
  fields:
    - {name: word, expression: 'getEventData("argv")[1]'}
"""

CHAINED = """
apiVersion: tracee.aquasec.com/v1beta1
kind: Detector
metadata: {name: chained}
spec:
  id: %(id)s
  produced_event: {name: %(name)s, version: 1.0.0}
  requirements:
    events:
      - {name: true_ran, data_filters: ["word=%(word)s"], scope_filters: ["%(scope)s"]}
  threat: {name: "A chain, %(name)s", description: For tests., severity: %(severity)s}
  output:
    fields:
      - {name: word, expression: 'getEventData("word")'}
"""

POLICY = """
type: policy
name: %s
scope: [global]
rules:
  - event: %s
    filters: [%s]
"""


def chained(name, word, scope, severity="high"):
    return CHAINED % {"id": "C-" + name, "name": name, "word": word, "scope": scope, "severity": severity}


def matched(daemon, name):
    """The policies of each finding of a signature."""
    return [e.get("policies", []) for e in findings(daemon, name)]


@case("detectors: one that consumes another keeps its own filters")
def detector_chain_keeps_filters(lab):
    daemon, _ = start(lab, ran=RAN, all=chained("of_all", "chain*", "uid=0"), one=chained("of_one", "chain-1", "uid=0"),
                      other=chained("of_others", "chain*", "uid=33"), inside=chained("inside", "chain*", "container"))
    true("chain-2")
    until(lambda: findings(daemon, "of_all"), lambda: f"the chain:\n{daemon.log_text()}")
    true("chain-1")
    until(lambda: findings(daemon, "of_one"), lambda: f"the chain with a filter:\n{daemon.log_text()}")
    expect_equal(len(findings(daemon, "true_ran")), 2, "findings that the chains consume")
    expect_equal(len(findings(daemon, "of_all")), 2, "findings of the chain for all")
    expect_equal(get(findings(daemon, "of_one")[0], "data.output"), ["word=chain-1"], "what it passes on")
    expect_equal(findings(daemon, "of_others") + findings(daemon, "inside"), [], "findings of those with another scope")


@case("detectors: policies select their events by name, id, pattern, tag and threat, and filter what they tell")
def policy_selects_findings(lab):
    daemon, _ = start(lab, ran=RAN, high=chained("of_all", "chain*", "uid=0"))
    policies = {
        "by-name": ("of_all", ""), "by-id": ("D-1", ""), "by-pattern": ('"*_ran"', ""), "by-tag": ("for_tests", ""),
        "by-severity": ('"threat.severity>=high"', ""), "by-threat": ('"threat.name=A chain, of_all"', ""),
        "all": ("detectors", ""), "but-one": ('"detectors,-of_all"', ""), "by-data": ("of_all", "data.word=chain-1"),
        "by-other-data": ("of_all", "data.word=chain-2"), "by-user": ("of_all", "uid=33"),
    }
    files = [put(daemon.dir, name + ".yaml", POLICY % (name, *what)) for name, what in policies.items()]
    daemon.ctl("policy", "load", *files)
    true("chain-1")
    until(lambda: matched(daemon, "of_all"), lambda: f"the finding:\n{daemon.log_text()}")
    expect_equal(sorted(matched(daemon, "of_all")[0]),
                 sorted(["by-name", "by-severity", "by-threat", "all", "by-data"]), "policies of the chain")
    expect_equal(sorted(matched(daemon, "true_ran")[0]), sorted(["by-id", "by-pattern", "by-tag", "all", "but-one"]),
                 "policies of what it consumes")


@case("detectors: a policy waits for the signature that it names, and tells so")
def policy_waits_for_signature(lab):
    daemon = lab.instance()
    folder, policies = daemon.path("signatures"), daemon.path("policies")
    os.mkdir(folder)
    os.mkdir(policies)
    put(policies, "known.yaml", POLICY % ("known", "anti_debugging", ""))
    later = put(policies, "later.yaml", POLICY % ("later", "marked_run", ""))
    daemon.start(events=[], extra=f'signatures = {{ directories = [ "{folder}" ]; }};'
                                  f'policies = {{ directories = [ "{policies}" ]; }};')
    shown = daemon.ctl_json("policy", "list")
    expect_equal([p["name"] for p in shown["policies"]], ["known"], "policies before the signature")
    expect_equal(shown["policies"][0]["pending"], ["anti_debugging: no such signature is loaded"], "what it waits for")
    expect_equal(shown["problems"][0]["path"], later, "the policy that is refused")
    expect("marked_run" in shown["problems"][0]["message"], lambda: f"why: {shown['problems']}")
    put(folder, "marked.yaml", MARKED)
    until(lambda: len(daemon.ctl_json("policy", "list")["policies"]) == 2, lambda: f"both:\n{daemon.log_text()}")
    true("marked")
    until(lambda: matched(daemon, "marked_run"), lambda: f"the finding:\n{daemon.log_text()}")
    expect_equal(matched(daemon, "marked_run")[0], ["later"], "policies of the finding")
    daemon.ctl("signature", "disable", "marked_run")
    shown = daemon.ctl_json("policy", "show", "later")["policy"]
    expect_equal(shown["pending"], ["marked_run: the signature is disabled, or pending itself"], "what it waits for")


def pending(daemon):
    return {p["name"]: p["pending"] for p in daemon.ctl_json("policy", "list")["policies"]}


@case("detectors: what policies select by name, tag and pattern goes and comes with the signatures")
def policies_follow_signatures(lab):
    daemon, _ = start(lab)
    signature = put(daemon.dir, "ran.yaml", RAN.replace("true_ran", "unlink_ran"))
    daemon.ctl("signature", "load", signature)
    policies = {"by-name": "unlink_ran", "by-id": "D-1", "by-tag": "for_tests", "by-pattern": '"*link_ran"'}
    beside = {"with-events": '"unlink*"', "with-all": '"detectors"'}
    files = [put(daemon.dir, name + ".yaml", POLICY % (name, what, "")) for name, what in {**policies, **beside}.items()]
    daemon.ctl("policy", "load", *files)

    def ran(word):
        before = len(findings(daemon, "unlink_ran"))
        true(word)
        until(lambda: len(findings(daemon, "unlink_ran")) > before, lambda: f"the finding:\n{daemon.log_text()}")
        return sorted(matched(daemon, "unlink_ran")[before])
    expect_equal({name: text for name, text in pending(daemon).items() if text}, {}, "pending with the signature")
    expect_equal(ran("chain-1"), sorted([*policies, *beside]), "policies of the finding")
    daemon.ctl("signature", "unload", "unlink_ran")
    wanted = {name: [f"{what.strip(chr(34))}: no such signature is loaded"] for name, what in policies.items()}
    expect_equal({name: text for name, text in pending(daemon).items() if text}, wanted, "pending without it")
    shown = daemon.ctl_json("policy", "show", "with-events")
    expect("finding" not in [e for rule in shown["rules"] for e in rule["events"]], lambda: f"still finds: {shown}")
    daemon.ctl("signature", "load", signature)
    expect_equal({name: text for name, text in pending(daemon).items() if text}, {}, "pending when it is there again")
    expect_equal(ran("chain-2"), sorted([*policies, *beside]), "policies of the finding then")
    daemon.ctl("signature", "disable", "unlink_ran")
    expect_equal(sorted(name for name, text in pending(daemon).items() if text), sorted(policies), "pending while it is disabled")
