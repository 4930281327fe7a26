package lambdatest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"vpnattach/functions/bundle/lambdatest"
)

// TestMain makes the test program a function when this package has started it.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		os.Exit(m.Run())
	}
	if os.Getenv("BROKEN") != "" {
		fmt.Println("can't start")
		os.Exit(3)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, what string) (string, error) {
	known, _ := lambdacontext.FromContext(ctx)
	fmt.Println("invoked: " + what)
	switch what {
	case "fail":
		return "", errors.New("it failed")
	case "panic":
		panic("it panicked")
	case "exit":
		os.Exit(4)
	case "hang":
		select {}
	case "environment":
		return strings.Join(os.Environ(), "\n"), nil
	}
	deadline, _ := ctx.Deadline()
	return fmt.Sprintf("%s %s %t", known.InvokedFunctionArn, what, time.Until(deadline) > 0 && len(known.AwsRequestID) == 36), nil
}

func newFunction(t *testing.T, edit func(*lambdatest.Config)) *lambdatest.Function {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config := lambdatest.Config{Name: "echo", Program: program}
	if edit != nil {
		edit(&config)
	}
	f := lambdatest.New(config)
	t.Cleanup(f.Close)
	return f
}

func TestInvocations(t *testing.T) {
	t.Parallel()
	f := newFunction(t, nil)
	const said = `"arn:aws:lambda:eu-central-1:123456789012:function:echo hello true"`
	for _, tt := range []struct{ payload, want, kind string }{
		{`"hello"`, said, ""},
		{`"fail"`, "", "errorString"},
		{`"hello"`, said, ""},
		{`"exit"`, "", lambdatest.ExitError},
		{`"hello"`, said, ""}, // by a new process
		{`"panic"`, "", "string"},
		{`"hello"`, said, ""}, // by a new process
		{`{}`, "", "UnmarshalTypeError"},
	} {
		answer, err := f.Invoke(t.Context(), []byte(tt.payload))
		var failed *lambdatest.Error
		if errors.As(err, &failed) != (tt.kind != "") || failed != nil && failed.Type != tt.kind || string(answer) != tt.want {
			t.Errorf("%s: got %s and %v, want %s and %q", tt.payload, answer, err, tt.want, tt.kind)
		}
	}
	if got := f.Started(); got != 3 {
		t.Errorf("got %d processes, want 3", got)
	}
}

// TestKill kills the process between two invocations, and during one.
func TestKill(t *testing.T) {
	t.Parallel()
	said, log, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	defer log.Close()
	f := newFunction(t, func(c *lambdatest.Config) { c.Log = log })
	f.Kill() // nothing runs
	for range 2 {
		if _, err := f.Invoke(t.Context(), []byte(`"hello"`)); err != nil {
			t.Fatal(err)
		}
		f.Kill()
	}
	ended := make(chan error)
	go func() {
		_, err := f.Invoke(t.Context(), []byte(`"hang"`))
		ended <- err
	}()
	for lines := bufio.NewScanner(said); lines.Scan() && lines.Text() != "invoked: hang"; {
	}
	f.Kill()
	var failed *lambdatest.Error
	if err := <-ended; !errors.As(err, &failed) || failed.Type != lambdatest.ExitError {
		t.Errorf("got %v", err)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	f := newFunction(t, func(c *lambdatest.Config) { c.Timeout = time.Millisecond })
	var failed *lambdatest.Error
	if _, err := f.Invoke(t.Context(), []byte(`"hang"`)); !errors.As(err, &failed) || failed.Type != lambdatest.Timedout {
		t.Errorf("got %v", err)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newFunction(t, nil).Invoke(ctx, []byte(`"hang"`)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNoStart(t *testing.T) {
	t.Parallel()
	f := newFunction(t, func(c *lambdatest.Config) { c.Env = []string{"BROKEN=1"} })
	var failed *lambdatest.Error
	if _, err := f.Invoke(t.Context(), []byte(`"hello"`)); !errors.As(err, &failed) || failed.Type != lambdatest.ExitError || !strings.Contains(failed.Message, "3") {
		t.Errorf("got %v", err)
	}
	f = newFunction(t, func(c *lambdatest.Config) { c.Program = filepath.Join(t.TempDir(), "bootstrap") })
	if _, err := f.Invoke(t.Context(), []byte(`"hello"`)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestEnvironment: the environment of the test does not leak into a function.
func TestEnvironment(t *testing.T) {
	t.Setenv("LEFT_OVER", "1")
	f := newFunction(t, func(c *lambdatest.Config) { c.Env = []string{"OWN=2"} })
	answer, err := f.Invoke(t.Context(), []byte(`"environment"`))
	if err != nil || !strings.Contains(string(answer), `OWN=2`) || strings.Contains(string(answer), "LEFT_OVER") || strings.Contains(string(answer), "HOME=") {
		t.Errorf("got %s and %v", answer, err)
	}
}
