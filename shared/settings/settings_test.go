package settings_test

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/core/attachment"
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
	s := read("T=text", "O=b", "N=7", "D=90s", "Z=0s", "U=http://127.0.0.1:1", "L=a, b,,c\n d", "P=65535", "B=true", "PEER=aws")
	got := fmt.Sprintln(s.Text("T", "x"), s.Required("T"), s.OneOf("O", "a", "b"), s.Number("N", 1, 1, 9), s.Duration("D", time.Hour, 1), s.Duration("Z", time.Hour, 0), s.URL("U"), s.List("L"), s.Port("P", "80"), s.Bool("B"), s.Peer(),
		s.Text("no", "x"), s.OneOf("no", "a", "b"), s.Number("no", 1, 1, 9), s.Duration("no", time.Hour, 1), s.URL("no"), s.List("no"), s.Port("no", "80"), s.Bool("no"))
	if want := "text text b 7 1m30s 0s http://127.0.0.1:1 [a b c d] 65535 true aws x a 1 1h0m0s  [] 80 false\n"; got != want || s.Err() != nil {
		t.Errorf("got %q, %v, want %q", got, s.Err(), want)
	}
	if got, want := s.Names(), []string{"B", "D", "L", "N", "O", "P", "PEER", "T", "U", "Z", "no"}; !slices.Equal(got, want) {
		t.Errorf("got names %q, want %q", got, want)
	}
}

// TestProblems: every problem is told, with the variable's name, and the value only
// where that is wanted.
func TestProblems(t *testing.T) {
	t.Parallel()
	for _, show := range []bool{false, true} {
		s := read("O=s3cr3t", "N=s3cr3t", "M=10", "D=s3cr3t", "E=-1s", "U=s3cr3t", "V=ftp://s3cr3t", "W=%s3cr3t", "P=abc", "B=yes", "PEER=acme", "AWS_LAMBDA_LOG_LEVEL=LOUD")
		s.ShowValues = show
		s.Required("R")
		s.OneOf("O", "a", "b")
		s.Number("N", 1, 1, 9)
		s.Number("M", 1, 1, 9)
		s.Duration("D", 1, 1)
		s.Duration("E", 1, 0)
		s.URL("U")
		s.URL("V")
		s.URL("W")
		s.Port("P", "80")
		s.Bool("B")
		s.Peer()
		s.Log(io.Discard, zerolog.InfoLevel)
		s.Bad("X", "can't be used")
		not := func(value string) string {
			if show {
				return ", not " + strconv.Quote(value)
			}
			return ""
		}
		const url = " must be a URL such as https://vpc.aliyuncs.com\n"
		want := "R is not set\n" +
			"O must be one of a, b" + not("s3cr3t") + "\n" +
			"N must be a whole number from 1 to 9" + not("s3cr3t") + "\nM must be a whole number from 1 to 9" + not("10") + "\n" +
			"D must be a duration such as 90s or 10m, and no less than 1ns" + not("s3cr3t") + "\nE must be a duration such as 90s or 10m, and no less than 0s" + not("-1s") + "\n" +
			"U" + url + "V" + url + "W" + url +
			"P must be 1–65535" + not("abc") + "\nB must be true or false" + not("yes") + "\nPEER must be one of " + attachment.PeerNames() + not("acme") + "\n" +
			"AWS_LAMBDA_LOG_LEVEL must be one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL" + not("LOUD") + "\nX can't be used"
		if got := fmt.Sprint(s.Err()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]zerolog.Level{"": zerolog.InfoLevel, "DEBUG": zerolog.DebugLevel, "warn": zerolog.WarnLevel} {
		s := read("AWS_LAMBDA_LOG_LEVEL=" + text)
		if log := s.Log(io.Discard, zerolog.InfoLevel); log.GetLevel() != want || s.Err() != nil {
			t.Errorf("%q: got %v, %v, want %v", text, log.GetLevel(), s.Err(), want)
		}
	}
}
