// Command bench measures the project beside the tools that people would use
// without it, all in one run, and prints ratios: times differ from machine to
// machine and from hour to hour, ratios hardly do.
//
//	make bench
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/core/secret"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	single, err := os.ReadFile("../../testdata/hot.json")
	if err != nil {
		return err
	}
	dual, err := os.ReadFile("../../testdata/hot-dual.json")
	if err != nil {
		return err
	}
	official, err := newOfficial()
	if err != nil {
		return err
	}
	validator, err := newSchemaValidator()
	if err != nil {
		return err
	}

	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "what\tns/op\tB/op\tallocs/op\ttimes slower\t")
	for _, event := range []struct {
		name string
		data []byte
	}{{"single-tunnel", single}, {"dual-tunnel", dual}} {
		change := envelope(event.data).Detail
		of := fmt.Sprintf("%s (%d bytes, %d values)", event.name, len(event.data), values(change))
		compare(out, "SQS event to signed request, validated, "+of, func() error { return ours(event.data) },
			"encoding/json and darabonba-openapi, not validated", func() error { return official.run(event.data) })
		document := string(change)
		compare(out, "change document validated, "+event.name, oursValidate(document),
			"jsonschema/v6", func() error { return validator.run(document) })
	}
	fmt.Fprintln(out, "\t\t\t\t\t")
	growth(out, "an event that grows, by a rule to a request", oursByRule, "encoding/json, decoded only", theirsByRule, inventory)
	growth(out, "an event of more and more records, to requests", ours, "encoding/json and darabonba-openapi", official.run, records)
	elements(out)
	return out.Flush()
}

// elements prints the time that each element of a rule's array takes, from 10 to
// 100,000 in one event: with constants, and with paths of the whole event. None should
// cost more where there are more of them.
func elements(out *tabwriter.Writer) {
	fmt.Fprintln(out, "elements of one event, to changes\tns/element, constants\tns/element, paths of the event\t\t\t")
	for n := 10; n <= 100_000; n *= 10 {
		event := sites(n)
		run := func(set *rules.Set) func() error {
			o := pipeline.Options{Rules: set, Time: now}
			return func() error {
				changes := 0
				err := warm.Run(event, &o, func(*pipeline.Result) { changes++ })
				if err == nil && changes != n {
					err = fmt.Errorf("%d changes of %d elements", changes, n)
				}
				return err
			}
		}
		constant, whole := turns(run(withConstants), run(withPaths))
		fmt.Fprintf(out, "%d (%d KB)\t%.0f\t%.0f\t\t\t\n", n, len(event)>>10, constant.ns/float64(n), whole.ns/float64(n))
	}
}

var (
	withConstants = mustRules(`"from":{"VpnConnectionId":"i"},"with":{"RegionId":"eu-central-1","Name":"abc"}`)
	withPaths     = mustRules(`"from":{"VpnConnectionId":"i","RegionId":"$.detail.region","Name":"$.detail.label"}`)
)

func mustRules(gives string) *rules.Set {
	set, findings := rules.Load([]byte(`{"rules":[{"name":"q","match":{"source":["com.example.inventory"]},"each":"detail.sites",` + gives + `}]}`))
	if set == nil {
		panic(fmt.Sprint(findings))
	}
	return set
}

// sites is an EventBridge event of n elements; what the paths look for comes after them.
func sites(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"version":"0","id":"e1","detail-type":"X","source":"com.example.inventory","account":"1","time":"2026-11-02T09:30:00Z","region":"r","resources":[],"detail":{"sites":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"i":"vco-p0w5112fgnl2ihlmf%04d"}`, i%10_000)
	}
	b.WriteString(`],"label":"abc","region":"eu-central-1"}}`)
	return []byte(b.String())
}

// compare measures two ways of the same work in turns, so that both meet the same
// machine, and prints them.
func compare(out *tabwriter.Writer, name string, f func() error, peerName string, peer func() error) {
	mine, theirs := turns(f, peer)
	fmt.Fprintf(out, "%s\t%.0f\t%d\t%d\t%.1f\t\n", name, mine.ns, mine.bytes, mine.allocs, 1.0)
	fmt.Fprintf(out, "%s\t%.0f\t%d\t%d\t%.1f\t\n", peerName, theirs.ns, theirs.bytes, theirs.allocs, theirs.ns/mine.ns)
}

// growth prints the time that each further byte takes, from 2 KB to 1 MB.
func growth(out *tabwriter.Writer, name string, f func([]byte) error, peerName string, peer func([]byte) error, grow func(size int) []byte) {
	sizes := []int{2 << 10, 32 << 10, 1 << 20}
	var mine, theirs []float64
	for _, size := range sizes {
		data := grow(size)
		a, b := turns(func() error { return f(data) }, func() error { return peer(data) })
		mine, theirs = append(mine, a.ns), append(theirs, b.ns)
		fmt.Fprintf(out, "%s, %d KB\t%.0f\t%d\t%d\t%.1f\t\n", name, size>>10, a.ns, a.bytes, a.allocs, 1.0)
		fmt.Fprintf(out, "%s\t%.0f\t%d\t%d\t%.1f\t\n", peerName, b.ns, b.bytes, b.allocs, b.ns/a.ns)
	}
	last := len(sizes) - 1
	span := float64(sizes[last] - sizes[0])
	slope, peerSlope := (mine[last]-mine[0])/span, (theirs[last]-theirs[0])/span
	fmt.Fprintf(out, "%s, each further KB\t%.0f\t\t\t%.1f\t\n", name, slope*1024, 1.0)
	fmt.Fprintf(out, "%s, each further KB\t%.0f\t\t\t%.1f\t\n", peerName, peerSlope*1024, peerSlope/slope)
	fmt.Fprintln(out, "\t\t\t\t\t")
}

type measure struct {
	ns            float64
	bytes, allocs int64
}

// turns measures f and peer five times each, in turns, and returns the medians.
func turns(f, peer func() error) (measure, measure) {
	var mine, theirs []measure
	for range 5 {
		mine, theirs = append(mine, once(f)), append(theirs, once(peer))
	}
	return median(mine), median(theirs)
}

func once(f func() error) measure {
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := f(); err != nil {
				b.Fatal(err)
			}
		}
	})
	return measure{float64(r.T.Nanoseconds()) / float64(r.N), r.AllocedBytesPerOp(), r.AllocsPerOp()}
}

func median(all []measure) measure {
	slices.SortFunc(all, func(a, b measure) int { return int(a.ns - b.ns) })
	return all[len(all)/2]
}

var (
	now     = time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	keys    = request.Credentials{AccessKeyID: "testid", AccessKeySecret: secret.New("testsecret")}
	options = pipeline.Options{Credentials: keys, Time: now, Nonce: func() string { return "3156853299f313e23d1673dc12e1703d" }}
	warm    pipeline.Pipeline
)

// ours is the whole path: open, validate, build, sign.
func ours(data []byte) error {
	failed := false
	err := warm.Run(data, &options, func(r *pipeline.Result) { failed = failed || r.Request == nil })
	if failed {
		return fmt.Errorf("no request: %v", err)
	}
	return err
}

func oursValidate(document string) func() error {
	var change attachment.Change
	var validator attachment.Validator
	return func() error {
		change.Parse(document, attachment.FromEvent)
		if found := validator.Validate(&change, nil, ""); found.HasError() {
			return fmt.Errorf("findings: %v", found)
		}
		return nil
	}
}

var byRule = func() pipeline.Options {
	o := options
	set, findings := rules.Load([]byte(`{"rules":[{"name":"a","match":{"source":["com.example.inventory"]},
		"from":{"VpnConnectionId":"detail.vpn","RegionId":"detail.region","RemoteSubnet":"detail.networks"}}]}`))
	if set == nil {
		panic(fmt.Sprint(findings))
	}
	o.Rules = set
	return o
}()

func oursByRule(data []byte) error {
	failed := false
	err := warm.Run(data, &byRule, func(r *pipeline.Result) { failed = failed || r.Request == nil })
	if failed {
		return fmt.Errorf("no request: %v", err)
	}
	return err
}

// inventory is an EventBridge event of that size, most of which no rule needs.
func inventory(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"version":"0","id":"0b5c6f7e-52b7-4d3e-8d8e-6f1d5a8c2e44","detail-type":"Site Networks Changed","source":"com.example.inventory","account":"123456789012","time":"2026-11-02T10:15:00Z","region":"eu-central-1","resources":[],"detail":{"vpn":"vco-localsingle","region":"cn-hangzhou","networks":["192.168.10.0/24"],"devices":[`)
	for i := 0; b.Len() < size-2; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"switch-%d","serial":"FDO%08d","ports":48,"up":true,"note":"rack \"%d\", row 2"}`, i, i*7919, i)
	}
	b.WriteString(`]}}`)
	return []byte(b.String())
}

func theirsByRule(data []byte) error {
	var event events.EventBridgeEvent
	if err := json.Unmarshal(data, &event); err != nil {
		return err
	}
	var detail struct {
		VPN      string   `json:"vpn"`
		Region   string   `json:"region"`
		Networks []string `json:"networks"`
	}
	if err := json.Unmarshal(event.Detail, &detail); err != nil {
		return err
	}
	if detail.VPN == "" || len(detail.Networks) == 0 {
		return fmt.Errorf("nothing found")
	}
	return nil
}

// records is an SQS event of that size, made of copies of one message.
func records(size int) []byte {
	hot, err := os.ReadFile("../../testdata/hot.json")
	if err != nil {
		panic(err)
	}
	one := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(hot)), `{"Records":[`), `]}`)
	return []byte(`{"Records":[` + strings.TrimSuffix(strings.Repeat(one+",", max(1, size/len(one))), ",") + `]}`)
}

func envelope(data []byte) events.EventBridgeEvent {
	var queue events.SQSEvent
	var event events.EventBridgeEvent
	if err := json.Unmarshal(data, &queue); err != nil {
		panic(err)
	}
	if err := json.Unmarshal([]byte(queue.Records[0].Body), &event); err != nil {
		panic(err)
	}
	return event
}

// values counts the scalars of a document.
func values(document []byte) int {
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		panic(err)
	}
	return scalars(value)
}

func scalars(value any) (n int) {
	switch value := value.(type) {
	case map[string]any:
		for _, member := range value {
			n += scalars(member)
		}
	case []any:
		for _, item := range value {
			n += scalars(item)
		}
	default:
		n = 1
	}
	return n
}
