// Package flux has Flux's own engine judge what the operator wrote in the tests of tests/cluster.
package flux

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	kustomize "github.com/fluxcd/kustomize-controller/api/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Below the folder of the repository.
const (
	sample = "../../../docs/gitops/flux/sample/clusters/production/backup.yaml"
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

func TestTheSampleWaitsForAllThatItApplies(t *testing.T) {
	for index, document := range strings.Split(contents(t, sample), "\n---\n") {
		var kustomization kustomize.Kustomization
		if err := yaml.UnmarshalStrict([]byte(document), &kustomization); err != nil {
			t.Fatalf("%s, document %d: %v", sample, index, err)
		}
		if !kustomization.Spec.Wait || !kustomization.Spec.Prune {
			t.Errorf("%s does not wait, or does not prune", kustomization.Name)
		}
	}
}

// want is what Flux should wait for: it ends at Ready, fails at Stalled, and at nothing that was said of an older spec.
func want(object *unstructured.Unstructured) status.Status {
	observed, _, _ := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
	switch {
	case object.GetDeletionTimestamp() != nil:
		return status.TerminatingStatus
	case observed != object.GetGeneration():
		return status.InProgressStatus
	case isTrue(object, "Stalled"):
		return status.FailedStatus
	case isTrue(object, "Ready"):
		return status.CurrentStatus
	}
	return status.InProgressStatus
}

func isTrue(object *unstructured.Unstructured, name string) bool {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, condition := range conditions {
		if words := condition.(map[string]any); words["type"] == name {
			return words["status"] == "True"
		}
	}
	return false
}

func TestFluxNeedsNoExpressionForWhatTheOperatorWrote(t *testing.T) {
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
			judged, err := status.Compute(object)
			if err != nil || judged.Status != want(object) {
				t.Errorf("it is %v, %v and not %s", judged, err, want(object))
			}
			seen[want(object)]++
		})
	}
	for _, word := range []status.Status{status.CurrentStatus, status.FailedStatus, status.InProgressStatus, status.TerminatingStatus} {
		if seen[word] == 0 {
			t.Errorf("nothing recorded is %s", word)
		}
	}
	t.Logf("judged: %v", seen)
}
