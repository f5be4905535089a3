package argocd

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Conditions that no test of tests/cluster waits for, so that a run may end without having seen them.
var notWaitedFor = []string{
	"Stalled-True-PermissionMissing",
	"Stalled-True-ProjectNotFound",
	"Stalled-True-AnswerNotUnderstood",
	"Stalled-True-Refused",
	"Stalled-True-NotKept",
	"Reconciling-True-WaitingForSync",
	"Reconciling-True-WaitingForLicense",
	"Ready-False-WaitingForSync",
	"Ready-False-WaitingForLicense",
	"Ready-False-PermissionMissing",
	"Ready-False-ProjectNotFound",
	"Ready-False-AnswerNotUnderstood",
	"Ready-False-Refused",
	"Ready-False-NotKept",
	"Ready-Unknown-NotObserved",
	"InSync-False-NotKept",
	"InSync-Unknown-InventoryUntrusted",
	"BackupHealthy-Unknown-NotObserved",
}

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
		if seen[condition] == 0 && !slices.Contains(notWaitedFor, condition) {
			t.Errorf("no recorded resource has %s", condition)
		}
	}
	for _, condition := range notWaitedFor {
		if !slices.Contains(conditions, condition) {
			t.Errorf("%s is not documented any more", condition)
		}
	}
	t.Logf("%d states hold %d different conditions, of %d that are documented", len(recorded(t)), len(seen), len(conditions))
}
