package emf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"vpnattach/shared/aws/emf"
)

func now() time.Time { return time.UnixMilli(1772600767123) }

var function = emf.Dimension{Name: "function", Value: "apply"}

func TestFlush(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		dimensions []emf.Dimension
		fill       func(*emf.Metrics)
		want       string
	}{
		{"nothing", nil, func(*emf.Metrics) {}, ""},
		{"as in the specification", []emf.Dimension{function}, func(m *emf.Metrics) {
			m.Count("applied", 2)
			m.Time("api-latency", 100*time.Millisecond)
			m.Count("applied", 1)
			m.Time("api-latency", 1234567*time.Nanosecond)
			m.Time("settle-time", -time.Second)
		}, `{"_aws":{"Timestamp":1772600767123,"CloudWatchMetrics":[{"Namespace":"vpnattach","Dimensions":[["function"]],"Metrics":[` +
			`{"Name":"applied","Unit":"Count"},{"Name":"api-latency","Unit":"Milliseconds"},{"Name":"settle-time","Unit":"Milliseconds"}]}]},` +
			`"function":"apply","applied":3,"api-latency":[100,1.234],"settle-time":0}` + "\n"},
		{"without dimensions", nil, func(m *emf.Metrics) { m.Count("blocked", 0) },
			`{"_aws":{"Timestamp":1772600767123,"CloudWatchMetrics":[{"Namespace":"vpnattach","Dimensions":[[]],"Metrics":[{"Name":"blocked","Unit":"Count"}]}]},"blocked":0}` + "\n"},
		{"seconds", nil, func(m *emf.Metrics) {
			m.Seconds("waited", 1500*time.Millisecond)
			m.Seconds("waited", -time.Second)
		}, `{"_aws":{"Timestamp":1772600767123,"CloudWatchMetrics":[{"Namespace":"vpnattach","Dimensions":[[]],"Metrics":[{"Name":"waited","Unit":"Seconds"}]}]},"waited":[1.5,0]}` + "\n"},
		{"two dimensions", []emf.Dimension{function, {Name: `a"b`, Value: "line\nend"}}, func(m *emf.Metrics) { m.Count("x", 1) },
			`{"_aws":{"Timestamp":1772600767123,"CloudWatchMetrics":[{"Namespace":"vpnattach","Dimensions":[["function","a\"b"]],"Metrics":[{"Name":"x","Unit":"Count"}]}]},` +
				`"function":"apply","a\"b":"line\nend","x":1}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			m := emf.New(&out, "vpnattach", now, tt.dimensions...)
			tt.fill(m)
			for range 2 { // the second time there is nothing
				if err := m.Flush(); err != nil {
					t.Fatal(err)
				}
			}
			if got := out.String(); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// document is what the specification says that a line is.
type document struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
}

// No line is above the limits, and together they hold every value once.
func TestLimits(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := emf.New(&out, "vpnattach", now, function)
	names := 0
	for ; names < 130; names++ {
		m.Count("count-"+strings.Repeat("n", names), 1)
	}
	for i := range 250 {
		m.Time("api-latency", time.Duration(i)*time.Millisecond)
	}
	if err := m.Flush(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for _, line := range lines {
		var d document
		var members map[string]any
		if err := errors.Join(json.Unmarshal([]byte(line), &d), json.Unmarshal([]byte(line), &members)); err != nil {
			t.Fatal(err)
		}
		if len(d.AWS.CloudWatchMetrics) != 1 || len(d.AWS.CloudWatchMetrics[0].Metrics) > 100 || members["function"] != "apply" {
			t.Errorf("got %s", line)
		}
		for _, metric := range d.AWS.CloudWatchMetrics[0].Metrics {
			switch value := members[metric.Name].(type) {
			case float64:
				seen[metric.Name]++
			case []any:
				seen[metric.Name] += len(value)
				if len(value) > 100 {
					t.Errorf("%s: %d values in a line", metric.Name, len(value))
				}
			default:
				t.Errorf("%s: got %v", metric.Name, value)
			}
		}
	}
	if len(seen) != names+1 || seen["api-latency"] != 250 || len(lines) != 4 {
		t.Errorf("got %d metrics, %d latencies, %d lines", len(seen), seen["api-latency"], len(lines))
	}
}

func TestNil(t *testing.T) {
	t.Parallel()
	var m *emf.Metrics
	m.Count("a", 1)
	m.Time("b", time.Second)
	if err := m.Flush(); err != nil {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestWriteFails(t *testing.T) {
	t.Parallel()
	m := emf.New(failing{}, "vpnattach", nil)
	m.Count("a", 1)
	if err := m.Flush(); err == nil || err.Error() != "metrics: closed" {
		t.Errorf("got %v", err)
	}
}

func TestConcurrent(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := emf.New(&out, "vpnattach", now)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				m.Count("n", 1)
				m.Time("t", time.Second)
			}
			if err := m.Flush(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	total := 0.0
	for line := range strings.Lines(out.String()) {
		var members map[string]any
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Fatal(err)
		}
		if n, ok := members["n"].(float64); ok {
			total += n
		}
	}
	if total != 400 {
		t.Errorf("got %v, want 400", total)
	}
}
