package template_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// makeDeploy runs make deploy with nothing in the environment but what is given, and
// with a sam that records its arguments.
func makeDeploy(t *testing.T, withSAM bool, set ...string) (out, said string, err error) {
	t.Helper()
	bin := t.TempDir()
	log := filepath.Join(bin, "said")
	for _, tool := range []string{"bash", "make", "awk", "env", "grep", "find"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	if withSAM {
		// As sam does, it calls make for each function when it builds.
		script := "#!" + filepath.Join(bin, "bash") + "\necho \"sam $*\" >>" + log + "\n" +
			"[ $1 != build ] || make -n build-IngestFunction ARTIFACTS_DIR=there | grep pack >>" + log + "\n"
		if err := os.WriteFile(filepath.Join(bin, "sam"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("make", append([]string{"--no-print-directory", "SHELL=" + filepath.Join(bin, "bash"), "deploy"}, set...)...)
	command.Dir = root
	command.Env = []string{"PATH=" + bin, "HOME=" + bin}
	if withSAM {
		command.Env = append(command.Env, "AWS_REGION=eu-central-1", "AWS_PROFILE=network")
	}
	text, err := command.CombinedOutput()
	written, _ := os.ReadFile(log)
	return string(text), string(written), err
}

func TestDeploySaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	out, _, err := makeDeploy(t, false, "RULES=no-such-file.json")
	if err == nil {
		t.Error("it succeeds without settings")
	}
	for _, missing := range []string{"sam is not installed", "CREDENTIALS is not set", "no region is set", "RULES=no-such-file.json does not exist"} {
		if !strings.Contains(out, missing) {
			t.Errorf("it does not say %q:\n%s", missing, out)
		}
	}
}

// TestDeployNeedsRules: leaving RULES out never removes the rules of a deployment.
func TestDeployNeedsRules(t *testing.T) {
	t.Parallel()
	if out, said, err := makeDeploy(t, true, "CREDENTIALS=arn"); err == nil || !strings.Contains(out, "RULES is not set") || said != "" {
		t.Errorf("got %v, %s, %s", err, out, said)
	}
	if out, said, err := makeDeploy(t, true, "CREDENTIALS=arn", "RULES=none"); err != nil || !strings.Contains(said, `-rules "none"`) {
		t.Errorf("got %v, %s, %s", err, out, said)
	}
}

// TestDeployWithoutKey: none stands for no secret. SAM takes an empty value in quotes only, and
// keeps the one from before when it is left out.
func TestDeployWithoutKey(t *testing.T) {
	t.Parallel()
	out, said, err := makeDeploy(t, true, "CREDENTIALS=none", "RULES=none", "PARAMETERS=OidcAudience=vpnattach")
	if err != nil || !strings.HasSuffix(said, " --parameter-overrides CredentialsSecretArn=\"\" OidcAudience=vpnattach\n") {
		t.Errorf("got %v, %s, %s", err, out, said)
	}
}

func TestDeploy(t *testing.T) {
	t.Parallel()
	const key = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-9fK2aB"
	out, said, err := makeDeploy(t, true, "CREDENTIALS="+key, "RULES=events/rules/psk-rotated.json", "STACK=site", "PARAMETERS=Mode=plan VpcRate=5")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rules, err := filepath.Abs(root + "/events/rules/psk-rotated.json")
	if err != nil {
		t.Fatal(err)
	}
	want := "sam build --build-in-source\ngo run ./functions/bundle/pack -rules \"" + rules + "\" -into \"there\"\n" +
		"sam deploy --stack-name site --capabilities CAPABILITY_IAM --resolve-s3 --no-fail-on-empty-changeset --parameter-overrides CredentialsSecretArn=" + key + " Mode=plan VpcRate=5\n"
	if said != want {
		t.Errorf("got  %s\nwant %s", said, want)
	}
}
