// Package flux has Flux's own engines judge what the operator wrote in the tests of tests/cluster.
package flux

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	kustomize "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/runtime/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Below the folder of the repository.
const (
	sample = "../../../docs/gitops/flux/sample/clusters/production/backup.yaml"
	page   = "../../../docs/tasks/gitops.md"
	// Written by tests/cluster/recorded.rs; the name of a file is the state of its resource.
	recorded = "../../../target/recorded-objects"
)

func contents(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// expressions are those of the sample: the same in all its Kustomizations, and on the page.
func expressions(t *testing.T) *cel.StatusEvaluator {
	t.Helper()
	documents := strings.Split(contents(t, sample), "\n---\n")
	var first kustomize.Kustomization
	for index, document := range documents {
		var each kustomize.Kustomization
		if err := yaml.UnmarshalStrict([]byte(document), &each); err != nil {
			t.Fatalf("%s, document %d: %v", sample, index, err)
		}
		if len(each.Spec.HealthCheckExprs) != 1 {
			t.Fatalf("%s has %d health checks", each.Name, len(each.Spec.HealthCheckExprs))
		}
		if index == 0 {
			first = each
		} else if each.Spec.HealthCheckExprs[0] != first.Spec.HealthCheckExprs[0] {
			t.Errorf("%s and %s have different health checks", first.Name, each.Name)
		}
	}
	check := first.Spec.HealthCheckExprs[0]
	for _, line := range []string{"current: " + check.Current, "failed: " + check.Failed, "inProgress: " + check.InProgress} {
		if !strings.Contains(contents(t, page), "    "+line+"\n") {
			t.Errorf("%s does not have the line %q", page, line)
		}
	}
	evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
	if err != nil {
		t.Fatal(err)
	}
	return evaluator
}

func TestTheExpressionsSayWhatKstatusSaysAndWaitForAStatus(t *testing.T) {
	evaluator := expressions(t)
	files, err := filepath.Glob(recorded + "/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s holds nothing (%v): run `cargo xtask test`, which records it and then runs these tests", recorded, err)
	}
	seen := map[status.Status]int{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			object := &unstructured.Unstructured{}
			text, err := yaml.YAMLToJSON([]byte(contents(t, file)))
			if err == nil {
				err = object.UnmarshalJSON(text)
			}
			if err != nil {
				t.Fatal(err)
			}
			plain, err := status.Compute(object)
			if err != nil {
				t.Fatal(err)
			}
			judged, err := evaluator.Evaluate(t.Context(), object)
			if _, found := object.Object["status"]; !found && object.GetDeletionTimestamp() == nil {
				// Flux takes an error for Unknown, and waits on.
				if err == nil {
					t.Errorf("without a status it is %s", judged.Status)
				}
				seen[status.UnknownStatus]++
				return
			}
			want := plain.Status
			if want == status.TerminatingStatus {
				want = status.InProgressStatus
			}
			if err != nil || judged.Status != want {
				t.Errorf("the expressions say %v, %v and kstatus %s", judged, err, plain.Status)
			}
			seen[want]++
		})
	}
	for _, word := range []status.Status{status.CurrentStatus, status.FailedStatus, status.InProgressStatus, status.UnknownStatus} {
		if seen[word] == 0 {
			t.Errorf("nothing recorded is %s", word)
		}
	}
	t.Logf("judged: %v", seen)
}
