package settings_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/settings"
)

func read(variables ...string) *settings.Settings {
	env := map[string]string{}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	return settings.New(func(name string) string { return env[name] })
}

func TestRead(t *testing.T) {
	t.Parallel()
	s := read("T=text", "O=b", "N=7", "D=90s", "U=http://127.0.0.1:1", "L=a, b,,c\n d")
	got := fmt.Sprintln(s.Text("T", "x"), s.Required("T"), s.OneOf("O", "a", "b"), s.Number("N", 1, 1, 9), s.Duration("D", time.Hour), s.URL("U"), s.List("L"),
		s.Text("no", "x"), s.OneOf("no", "a", "b"), s.Number("no", 1, 1, 9), s.Duration("no", time.Hour), s.URL("no"), s.List("no"))
	if want := "text text b 7 1m30s http://127.0.0.1:1 [a b c d] x a 1 1h0m0s  []\n"; got != want || s.Err() != nil {
		t.Errorf("got %q, %v, want %q", got, s.Err(), want)
	}
	if got, want := s.Names(), []string{"D", "L", "N", "O", "T", "U", "no"}; !slices.Equal(got, want) {
		t.Errorf("got names %q, want %q", got, want)
	}
}

// TestProblems: every problem is told, with the variable's name and never its value.
func TestProblems(t *testing.T) {
	t.Parallel()
	s := read("O=s3cr3t", "N=s3cr3t", "M=10", "D=s3cr3t", "E=-1s", "U=s3cr3t", "V=ftp://s3cr3t", "W=%s3cr3t")
	s.Required("R")
	s.OneOf("O", "a", "b")
	s.Number("N", 1, 1, 9)
	s.Number("M", 1, 1, 9)
	s.Duration("D", 1)
	s.Duration("E", 1)
	s.URL("U")
	s.URL("V")
	s.URL("W")
	s.Bad("X", "is no good")
	const url = " is no URL such as https://vpc.aliyuncs.com\n"
	const want = "R is not set\nO is none of a, b\nN is no whole number from 1 to 9\nM is no whole number from 1 to 9\n" +
		"D is no duration such as 90s or 10m\nE is no duration such as 90s or 10m\nU" + url + "V" + url + "W" + url + "X is no good"
	if got := fmt.Sprint(s.Err()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
