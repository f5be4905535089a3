package argocd

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/gitops-engine/pkg/health"
	"sigs.k8s.io/yaml"
)

const group = "xopero.dev/*"

func script(t *testing.T) string {
	return string(contents(t, scripts+"/xopero.dev/_/health.lua"))
}

// overrides are what Argo CD makes of the ConfigMap in docs/gitops/argocd.
func overrides(t *testing.T) lua.ResourceHealthOverrides {
	t.Helper()
	var file struct{ Data map[string]string }
	if err := yaml.Unmarshal(contents(t, docs+"/gitops/argocd/argocd-cm.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	var found map[string]v1alpha1.ResourceOverride
	if err := yaml.Unmarshal([]byte(file.Data["resource.customizations"]), &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// argo judges as Argo CD does with that ConfigMap.
func argo(t *testing.T, resource resource) health.HealthStatus {
	t.Helper()
	judged, err := health.GetResourceHealth(resource.Unstructured, overrides(t))
	if err != nil || judged == nil {
		t.Fatalf("%s: judged %v, %v", resource.state, judged, err)
	}
	return *judged
}

func TestTheConfigMapHoldsTheScript(t *testing.T) {
	if got := overrides(t)[group].HealthLua; got != script(t) {
		t.Errorf("argocd-cm.yaml holds another script than health.lua; copy it there:\n%s", got)
	}
}

// As Argo CD's own repository tests the scripts in it: the script alone.
func TestTheScriptJudgesItsTestdata(t *testing.T) {
	folder := scripts + "/xopero.dev/_"
	var cases struct {
		Tests []struct {
			InputPath    string
			HealthStatus health.HealthStatus
		}
	}
	if err := yaml.Unmarshal(contents(t, folder+"/health_test.yaml"), &cases); err != nil {
		t.Fatal(err)
	}
	states := map[string]bool{}
	for _, resource := range recorded(t) {
		states[resource.judgedBy()] = true
	}
	named := map[string]bool{}
	for _, test := range cases.Tests {
		t.Run(test.InputPath, func(t *testing.T) {
			named[filepath.Base(test.InputPath)] = true
			resource := read(t, filepath.Join(folder, test.InputPath))
			judged, err := lua.VM{UseOpenLibs: true}.ExecuteHealthLua(resource.Unstructured, script(t))
			if err != nil || *judged != test.HealthStatus {
				t.Errorf("judged %+v, %v and not %+v", judged, err, test.HealthStatus)
			}
			if !states[resource.judgedBy()] {
				t.Errorf("the operator did not write anything like it: %s", resource.judgedBy())
			}
		})
	}
	files, err := os.ReadDir(folder + "/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !named[file.Name()] {
			t.Errorf("health_test.yaml does not name testdata/%s", file.Name())
		}
	}
	for _, status := range []health.HealthStatusCode{
		health.HealthStatusHealthy, health.HealthStatusProgressing, health.HealthStatusDegraded, health.HealthStatusSuspended,
	} {
		found := false
		for _, test := range cases.Tests {
			found = found || test.HealthStatus.Status == status
		}
		if !found {
			t.Errorf("no testdata is %s", status)
		}
	}
}
