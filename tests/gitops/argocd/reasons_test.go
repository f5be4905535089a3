package argocd

import (
	"regexp"
	"strings"
	"testing"
)

var documentedRow = regexp.MustCompile("^\\| (True|False|Unknown) \\| `(\\w+)` \\|")

// documented are all conditions of docs/reference/conditions.md, which is generated from the code, as they stand in the name of a state.
func documented(t *testing.T) []string {
	t.Helper()
	var conditions []string
	section := ""
	for _, line := range strings.Split(string(contents(t, docs+"/reference/conditions.md")), "\n") {
		if title, found := strings.CutPrefix(line, "## "); found {
			section = title
		} else if row := documentedRow.FindStringSubmatch(line); row != nil {
			conditions = append(conditions, section+"-"+row[1]+"-"+row[2])
		}
	}
	return conditions
}

// The states to be judged cannot become fewer unseen.
func TestEveryDocumentedConditionIsRecorded(t *testing.T) {
	seen := map[string]int{}
	for _, resource := range recorded(t) {
		for _, part := range strings.Split(resource.state, ".") {
			seen[part]++
		}
	}
	conditions := documented(t)
	if len(conditions) < 80 {
		t.Fatalf("only %d conditions are read from the page", len(conditions))
	}
	for _, condition := range conditions {
		if seen[condition] == 0 {
			t.Errorf("no recorded resource has %s", condition)
		}
	}
	t.Logf("%d states hold %d different conditions, of %d that are documented", len(recorded(t)), len(seen), len(conditions))
}
