// Package emf writes metrics as lines of the log, in the embedded metric format,
// from which Amazon CloudWatch makes metrics to plot and to alarm on. No service is
// called for that.
//
//	m := emf.New(os.Stdout, "vpnattach", nil, emf.Dimension{Name: "function", Value: "apply"})
//	m.Count("applied", 1)
//	m.Time("api-latency", took)
//	err := m.Flush() // at the end of each invocation
//
// Names and dimensions are fixed by the program and must hold nothing of an event.
// Each value of a dimension makes another metric, which costs.
//
// With JSON as log format, Lambda treats a line without a level as INFO: at a higher
// level of application logs it drops the metrics.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package emf

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tidwall/gjson"
)

// Limits of a document, by the specification.
const (
	maxMetrics = 100
	maxValues  = 100 // of each metric
)

// Dimension tells metrics of the same name apart.
type Dimension struct{ Name, Value string }

// Metrics collects values until Flush. It is safe for concurrent use, and a nil
// *Metrics does nothing.
type Metrics struct {
	out        io.Writer
	namespace  string
	now        func() time.Time
	dimensions []Dimension

	mutex   sync.Mutex
	metrics []metric // in the order of their first values
}

type metric struct {
	name, unit string
	values     []float64
}

// New returns metrics of a namespace, all with the same dimensions, 30 at most. A nil
// now is [time.Now]. Each line goes to out in one Write.
func New(out io.Writer, namespace string, now func() time.Time, dimensions ...Dimension) *Metrics {
	if now == nil {
		now = time.Now
	}
	return &Metrics{out: out, namespace: namespace, now: now, dimensions: dimensions}
}

// Count adds n to a sum. Adding 0 publishes the metric, so that an alarm has data. A
// metric has one unit, and its name differs from those of the dimensions.
func (m *Metrics) Count(name string, n int) {
	if m == nil {
		return
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	counted := m.metric(name, "Count")
	if len(counted.values) == 0 {
		counted.values = append(counted.values, 0)
	}
	counted.values[0] += float64(n)
}

// Time adds a duration, in milliseconds; a negative one, as clock skew can
// make it, counts as 0.
func (m *Metrics) Time(name string, d time.Duration) {
	m.add(name, "Milliseconds", float64(max(d, 0).Microseconds())/1000)
}

// Seconds is Time in seconds, for durations that an alarm compares with a setting.
func (m *Metrics) Seconds(name string, d time.Duration) {
	m.add(name, "Seconds", float64(max(d, 0).Milliseconds())/1000)
}

func (m *Metrics) add(name, unit string, value float64) {
	if m == nil {
		return
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	added := m.metric(name, unit)
	added.values = append(added.values, value)
}

func (m *Metrics) metric(name, unit string) *metric {
	for i := range m.metrics {
		if m.metrics[i].name == name {
			return &m.metrics[i]
		}
	}
	m.metrics = append(m.metrics, metric{name: name, unit: unit})
	return &m.metrics[len(m.metrics)-1]
}

// Flush writes the collected values and drops them: one line, more where the limits of
// the format need it, none without values. Values that an error leaves unwritten are
// lost.
func (m *Metrics) Flush() error {
	if m == nil {
		return nil
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	waiting := m.metrics
	m.metrics = nil
	for now := m.now().UnixMilli(); len(waiting) > 0; {
		batch := slices.Clone(waiting[:min(maxMetrics, len(waiting))])
		for i := range batch {
			n := min(maxValues, len(batch[i].values))
			batch[i].values, waiting[i].values = batch[i].values[:n], waiting[i].values[n:]
		}
		waiting = slices.DeleteFunc(waiting, func(m metric) bool { return len(m.values) == 0 })
		if _, err := m.out.Write(m.line(now, batch)); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
	}
	return nil
}

// line returns one document of the format.
func (m *Metrics) line(now int64, batch []metric) []byte {
	b := append([]byte(nil), `{"_aws":{"Timestamp":`...)
	b = strconv.AppendInt(b, now, 10)
	b = append(b, `,"CloudWatchMetrics":[{"Namespace":`...)
	b = gjson.AppendJSONString(b, m.namespace)
	b = append(b, `,"Dimensions":[[`...)
	for i, d := range m.dimensions {
		b = gjson.AppendJSONString(comma(b, i), d.Name)
	}
	b = append(b, `]],"Metrics":[`...)
	for i := range batch {
		b = append(comma(b, i), `{"Name":`...)
		b = gjson.AppendJSONString(b, batch[i].name)
		b = append(b, `,"Unit":"`...)
		b = append(append(b, batch[i].unit...), `"}`...)
	}
	b = append(b, `]}]}`...)
	for _, d := range m.dimensions {
		b = append(gjson.AppendJSONString(append(b, ','), d.Name), ':')
		b = gjson.AppendJSONString(b, d.Value)
	}
	for i := range batch {
		b = append(gjson.AppendJSONString(append(b, ','), batch[i].name), ':')
		b = appendValues(b, batch[i].values)
	}
	return append(b, "}\n"...)
}

func appendValues(b []byte, values []float64) []byte {
	if len(values) == 1 {
		return strconv.AppendFloat(b, values[0], 'f', -1, 64)
	}
	b = append(b, '[')
	for i, v := range values {
		b = strconv.AppendFloat(comma(b, i), v, 'f', -1, 64)
	}
	return append(b, ']')
}

func comma(b []byte, position int) []byte {
	if position > 0 {
		b = append(b, ',')
	}
	return b
}
