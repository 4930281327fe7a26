package bundle_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	// Go's cache of test results knows what a test program is made of, and not what
	// it has built: with this the tests run again when the functions have changed.
	_ "vpnattach/functions/confirm"
	_ "vpnattach/functions/ingest"
	_ "vpnattach/functions/rotate"
	_ "vpnattach/shared/aws"
)

// functions are those that each harness has; rotate is optional.
var functions = []string{"ingest", "apply", "confirm"}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if err := os.RemoveAll(programs.dir); err != nil {
		fmt.Println(err)
		code = 1
	}
	if all := flag.Lookup("test.run").Value.String() == ""; code == 0 && all {
		if err := actionsSeen.check(); err != nil {
			fmt.Println(err)
			code = 1
		}
	}
	os.Exit(code)
}

// programs are the built functions, which all tests share.
var programs struct {
	once sync.Once
	dir  string
	err  error
}

// program returns the path of a function's program.
func program(t testing.TB, function string) string {
	t.Helper()
	programs.once.Do(func() {
		if programs.dir, programs.err = os.MkdirTemp("", "bundle"); programs.err == nil {
			programs.err = build(programs.dir)
		}
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return filepath.Join(programs.dir, function, "bootstrap")
}

// build builds the functions as for a deployment, but for this machine, and with what
// the builds of all else have compiled.
func build(dir string) error {
	for _, function := range append(slices.Clone(functions), "rotate") {
		source := "../" + function + "/bootstrap"
		files, err := filepath.Glob(source + "/*.go")
		if err != nil {
			return err
		}
		for _, file := range files { // for the cache of test results, again
			if _, err := os.ReadFile(file); err != nil {
				return err
			}
		}
		command := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", filepath.Join(dir, function, "bootstrap"), "./"+source)
		if said, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", function, err, said)
		}
	}
	return nil
}
