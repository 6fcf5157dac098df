# SPDX-License-Identifier: LGPL-2.1-or-later
# The signatures that come with Sechawk, as entries of a manual page: awk -f signatures.awk PAGE.in FILE.yaml...
# Reads the heads of the files, which are written in one way; tests/check/signatures reads them as the daemon does.
function troff(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	sub(/^['.]/, "\\\\\\&&", text)
	return text
}
function value(line) {
	sub(/^[a-z_]+: */, "", line)
	sub(/^"/, "", line)
	sub(/"$/, "", line)
	return line
}
function keep(entry) {
	if (name == "")
		return
	entry = ".TP\n.BR " troff(name) " \" (" troff(id ", " severity ", " technique) (off ? ", off" : "") ")\"\n"
	of[layer] = of[layer] entry troff(title) ".\n" troff(description) "\n"
	if (advice != "")
		of[layer] = of[layer] ".br\n.I What to do:\n" troff(advice) "\n"
	n[layer]++
	name = title = description = advice = ""
	off = 0
}
FNR == 1 { part = "" }
FILENAME == ARGV[1] { page[++lines] = $0; next }
FNR == 1 { keep() }
/^[a-z_]/ { part = $1 }
/^id:/ { id = value($0) }
/^name:/ { name = value($0) }
/^title:/ { title = value($0) }
/^severity:/ { severity = value($0) }
/^layer:/ { layer = value($0) }
/^mitre:/ { technique = $0; sub(/.*technique: */, "", technique); sub(/}.*/, "", technique) }
/^enabled: false/ { off = 1 }
part == "description:" || part == "what_to_do:" {
	text = $0
	sub(/^[a-z_]+: */, "", text)
	sub(/^ +/, "", text)
	if (text == ">-" || text == "")
		next
	if (part == "description:")
		description = description (description == "" ? "" : " ") text
	else
		advice = advice (advice == "" ? "" : " ") text
}
END {
	keep()
	split("common host container container-threats", order, " ")
	head["common"] = "ON HOSTS AND IN CONTAINERS"
	head["host"] = "ON HOSTS"
	head["container"] = "IN CONTAINERS"
	head["container-threats"] = "WAYS OUT OF CONTAINERS"
	for (i = 1; i <= lines; i++) {
		if (page[i] != "@SIGNATURES@") {
			print page[i]
			continue
		}
		for (k = 1; k <= 4; k++)
			printf ".SH \"%s\"\n%s", head[order[k]], of[order[k]]
	}
}
