// Package argocd has the engines of Argo CD and of kstatus judge what the operator wrote in the tests of tests/cluster.
package argocd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Below the folder of the repository.
const (
	docs    = "../../../docs"
	scripts = docs + "/gitops/argocd/resource_customizations"
	// Written by tests/cluster/recorded.rs; the name of a file is the state of its resource.
	recordedFolder = "../../../target/recorded-objects"
)

// condition is one of status.conditions.
type condition struct{ status, reason, message string }

// resource is one resource in one state.
type resource struct {
	state string
	*unstructured.Unstructured
}

func (r resource) conditions() map[string]condition {
	found := map[string]condition{}
	items, _, _ := unstructured.NestedSlice(r.Object, "status", "conditions")
	for _, item := range items {
		fields := item.(map[string]any)
		word := func(key string) string { text, _ := fields[key].(string); return text }
		found[word("type")] = condition{word("status"), word("reason"), word("message")}
	}
	return found
}

func (r resource) is(conditionType, status string) bool {
	return r.conditions()[conditionType].status == status
}

// isObserved tells whether the status speaks of the spec as it is.
func (r resource) isObserved() bool {
	observed, found, _ := unstructured.NestedInt64(r.Object, "status", "observedGeneration")
	return found && observed == r.GetGeneration()
}

// recordedAs is its state in the words of tests/cluster/recorded.rs.
func (r resource) recordedAs() string {
	parts := []string{r.GetKind()}
	if r.GetDeletionTimestamp() != nil {
		parts = append(parts, "deleting")
	}
	if !r.isObserved() {
		parts = append(parts, "unobserved")
	}
	items, _, _ := unstructured.NestedSlice(r.Object, "status", "conditions")
	for _, item := range items {
		name := item.(map[string]any)["type"].(string)
		condition := r.conditions()[name]
		parts = append(parts, strings.Join([]string{name, condition.status, condition.reason}, "-"))
	}
	return strings.Join(parts, ".")
}

// judgedBy is that without the conditions that no engine looks at.
func (r resource) judgedBy() string {
	parts := slices.DeleteFunc(strings.Split(r.recordedAs(), "."), func(part string) bool {
		name, _, _ := strings.Cut(part, "-")
		return slices.Contains([]string{"InSync", "BackupHealthy", "Protected"}, name)
	})
	return strings.Join(parts, ".")
}

func read(t *testing.T, file string) resource {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal(contents(t, file), &object.Object); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	// Numbers as in Argo CD and Flux, which read JSON from the API server.
	text, err := object.MarshalJSON()
	if err == nil {
		err = object.UnmarshalJSON(text)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return resource{strings.TrimSuffix(filepath.Base(file), ".yaml"), object}
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// recorded are all states in which the tests of tests/cluster have seen a resource.
func recorded(t *testing.T) []resource {
	t.Helper()
	files, err := filepath.Glob(recordedFolder + "/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s holds nothing (%v): run `cargo xtask test`, which records it and then runs these tests", recordedFolder, err)
	}
	var resources []resource
	for _, file := range files {
		resource := read(t, file)
		if resource.recordedAs() != resource.state {
			t.Fatalf("%s holds %s: the tests of tests/cluster name it otherwise", file, resource.recordedAs())
		}
		resources = append(resources, resource)
	}
	return resources
}
