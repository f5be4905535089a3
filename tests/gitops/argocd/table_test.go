package argocd

import (
	"strings"
	"testing"

	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// row is one of the table in docs/tasks/gitops.md, by its first cell. The first one that fits a resource speaks of it.
type row struct {
	title string
	fits  func(resource) bool
}

var rows = []row{
	{"being deleted", func(r resource) bool { return r.GetDeletionTimestamp() != nil }},
	{"new or changed, and not looked at since", func(r resource) bool { return !r.isObserved() }},
	{"`Paused`, and was Ready", func(r resource) bool { return r.is("Paused", "True") && r.is("Ready", "True") }},
	{"`Paused`, and was not Ready", func(r resource) bool { return r.is("Paused", "True") }},
	{"`Stalled`", func(r resource) bool { return r.is("Stalled", "True") }},
	{"`Reconciling`", func(r resource) bool { return r.is("Reconciling", "True") }},
	{"`Ready`", func(r resource) bool { return r.is("Ready", "True") }},
}

// table is what the page says: by the first cell, the word of Argo CD and that of kstatus.
func table(t *testing.T) map[string][2]string {
	t.Helper()
	said := map[string][2]string{}
	for _, line := range strings.Split(string(contents(t, docs+"/tasks/gitops.md")), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) == 6 {
			said[strings.TrimSpace(cells[1])] = [2]string{strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3])}
		}
	}
	return said
}

func TestBothEnginesJudgeEveryRecordedStateAsThePageSays(t *testing.T) {
	said := table(t)
	seen := map[string]int{}
	for _, resource := range recorded(t) {
		t.Run(resource.state, func(t *testing.T) {
			row := rowOf(resource)
			if row == "" {
				t.Fatalf("no row of the page fits; its conditions are %v", resource.conditions())
			}
			seen[row]++
			words, found := said[row]
			if !found {
				t.Fatalf("the page has no row %q", row)
			}
			if judged := argo(t, resource); string(judged.Status) != words[0] {
				t.Errorf("Argo CD says %s and the page %s", judged.Status, words[0])
			}
			judged, err := status.Compute(resource.Unstructured)
			if err != nil || judged.Status.String() != words[1] {
				t.Errorf("kstatus says %v, %v and the page %s", judged, err, words[1])
			}
		})
	}
	for _, row := range rows {
		if seen[row.title] == 0 {
			t.Errorf("nothing recorded is %s", row.title)
		}
	}
	t.Logf("judged: %v", seen)
}

func rowOf(resource resource) string {
	for _, row := range rows {
		if row.fits(resource) {
			return row.title
		}
	}
	return ""
}

// What a person reads in Argo CD is what the operator said.
func TestArgoCDShowsTheReasonAndTheMessage(t *testing.T) {
	for _, resource := range recorded(t) {
		if !resource.isObserved() || resource.GetDeletionTimestamp() != nil {
			continue
		}
		shown := argo(t, resource).Message
		for _, name := range []string{"Paused", "Stalled", "Reconciling", "Ready"} {
			if spoken, found := resource.conditions()[name]; found {
				if want := spoken.reason + ": " + spoken.message; shown != want {
					t.Errorf("%s: shown is %q and not %q", resource.state, shown, want)
				}
				break
			}
		}
	}
}
