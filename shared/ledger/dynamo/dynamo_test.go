package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/aws/retry"
	"vpnattach/shared/ledger"
	"vpnattach/shared/ledger/dynamo"
	"vpnattach/shared/ledger/ledgertest"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	key  = ledger.Key{RegionID: "cn-hangzhou", VpnConnectionID: "vco-1"}
)

type (
	item = map[string]types.AttributeValue
	text = types.AttributeValueMemberS
	num  = types.AttributeValueMemberN
	dict = types.AttributeValueMemberM
)

func client(s *awstest.Server) *dynamodb.Client { return dynamodb.NewFromConfig(s.Config()) }

func TestContract(t *testing.T) {
	t.Parallel()
	s := awstest.Shared(t)
	ledgertest.Run(t, func(t *testing.T) ledger.Store { return dynamo.New(client(s), s.Table(t, dynamo.KeyAttribute)) })
}

func TestItem(t *testing.T) {
	t.Parallel()
	s := awstest.Shared(t)
	name := s.Table(t, dynamo.KeyAttribute)
	fields := map[string]ledger.Stamp{
		"Name":          {Time: noon.Add(time.Nanosecond), EventID: "e"},
		"IkeConfig.Psk": {Time: noon, Way: "arn:1", Sequence: "10", EventID: "e", Source: "com.example", Part: "rule#0"},
	}
	if err := dynamo.New(client(s), name).Save(t.Context(), key, ledger.Entry{Fields: fields}); err != nil {
		t.Fatal(err)
	}
	got, err := client(s).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: item{"pk": &text{Value: "cn-hangzhou/vco-1"}}})
	want := item{
		"pk": &text{Value: "cn-hangzhou/vco-1"}, "version": &num{Value: "1"},
		"fields": &dict{Value: item{
			"Name": &dict{Value: item{"time": &text{Value: "2026-03-01T12:00:00.000000001Z"}, "id": &text{Value: "e"}}},
			"IkeConfig.Psk": &dict{Value: item{
				"time": &text{Value: "2026-03-01T12:00:00Z"}, "way": &text{Value: "arn:1"}, "sequence": &text{Value: "10"}, "id": &text{Value: "e"}, "source": &text{Value: "com.example"}, "part": &text{Value: "rule#0"},
			}},
		}},
	}
	if err != nil || !reflect.DeepEqual(got.Item, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// Items written before stamps had a source or a sequence, or by newer programs, can be read. Items
// that can't be read are not overwritten either.
func TestItemsOfOthers(t *testing.T) {
	t.Parallel()
	s := awstest.Shared(t)
	stamp := func(change func(item)) item {
		m := item{"time": &text{Value: "2026-03-01T12:00:00Z"}, "id": &text{Value: "e"}, "part": &text{Value: "r#0"}}
		change(m)
		return item{"version": &num{Value: "3"}, "fields": &dict{Value: item{"Name": &dict{Value: m}}}}
	}
	for name, tt := range map[string]struct {
		item item
		want string // the error; none: it is read
	}{
		"no source":        {stamp(func(item) {}), ""},
		"more":             {stamp(func(m item) { m["more"] = &num{Value: "1"} }), ""},
		"no version":       {item{"fields": &dict{}}, "version: not a number"},
		"version":          {item{"version": &num{Value: "-1"}, "fields": &dict{}}, `version: strconv.ParseUint: parsing "-1"`},
		"no fields":        {item{"version": &num{Value: "1"}}, "fields is not a map"},
		"field":            {item{"version": &num{Value: "1"}, "fields": &dict{Value: item{"Name": &text{Value: "x"}}}}, "Name is not a map"},
		"no time":          {stamp(func(m item) { delete(m, "time") }), "Name: time: not a string"},
		"time":             {stamp(func(m item) { m["time"] = &text{Value: "noon"} }), `Name: parsing time "noon"`},
		"no id":            {stamp(func(m item) { delete(m, "id") }), "Name: id: not a string"},
		"sequence no text": {stamp(func(m item) { m["sequence"] = &num{Value: "1"} }), "Name: sequence: not a string"},
		"source no text":   {stamp(func(m item) { m["source"] = &num{Value: "1"} }), "Name: source: not a string"},
		"item of an id":    {item{"time": &text{Value: "2026-03-01T12:00:00Z"}, "expires": &num{Value: "1"}}, "version: not a number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := s.Table(t, dynamo.KeyAttribute)
			tt.item["pk"] = &text{Value: key.String()}
			if _, err := client(s).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: tt.item}); err != nil {
				t.Fatal(err)
			}
			store := dynamo.New(client(s), table)
			got, err := store.Load(t.Context(), key)
			if tt.want == "" {
				stamp := ledger.Stamp{Time: noon, EventID: "e", Part: "r#0"}
				want := ledger.Entry{Version: 3, Fields: map[string]ledger.Stamp{"Name": stamp}}
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("got %v, %v, want %v", got, err, want)
				}
				stamp.Source = "com.example"
				got, err = ledger.Record(t.Context(), store, key, got, map[string]ledger.Stamp{"Name": stamp})
				if err != nil || got.Version != 4 || got.Fields["Name"] != stamp {
					t.Errorf("got %v, %v after a write", got, err)
				}
				return
			}
			if want := "ledger: decode cn-hangzhou/vco-1: " + tt.want; err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
			if err := store.Save(t.Context(), key, ledger.Entry{}); !errors.Is(err, ledger.ErrConflict) {
				t.Errorf("got %v for a write as if nothing was there, want ErrConflict", err)
			}
		})
	}
}

// loses returns a table whose first answers to an action are lost, and one that loses
// none.
func loses(t *testing.T, action string, answers int32) (losing, safe *dynamo.Table) {
	t.Helper()
	s := awstest.Shared(t)
	var lost atomic.Int32
	lossy := s.Losing(t, func(of string) bool { return strings.HasSuffix(of, "."+action) && lost.Add(1) <= answers })
	name := s.Table(t, dynamo.KeyAttribute)
	return dynamo.New(client(lossy), name), dynamo.New(client(s), name)
}

// The client asks again when an answer is lost, and a write then meets itself.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	fields := map[string]ledger.Stamp{"Name": {Time: noon, EventID: "e"}}
	want := ledger.Entry{Fields: fields, Version: 1}
	t.Run("of a read", func(t *testing.T) {
		t.Parallel()
		losing, safe := loses(t, "GetItem", 2)
		if err := safe.Save(t.Context(), key, ledger.Entry{Fields: fields}); err != nil {
			t.Fatal(err)
		}
		if got, err := losing.Load(t.Context(), key); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	})
	for answers := range int32(5) {
		t.Run(fmt.Sprintf("%d of a write", answers), func(t *testing.T) {
			t.Parallel()
			losing, safe := loses(t, "PutItem", answers)
			got, err := ledger.Record(t.Context(), losing, key, ledger.Entry{}, fields)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
			if got, err := safe.Load(t.Context(), key); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, %v stored, want %v", got, err, want)
			}
		})
	}
	t.Run("all of a write", func(t *testing.T) {
		t.Parallel()
		losing, safe := loses(t, "PutItem", 5)
		_, err := ledger.Record(t.Context(), losing, key, ledger.Entry{}, fields)
		if err == nil || errors.Is(err, ledger.ErrConflict) || !strings.Contains(err.Error(), "ledger: write cn-hangzhou/vco-1") {
			t.Errorf("got %v, want an error other than ErrConflict", err)
		}
		got, err := ledger.Record(t.Context(), safe, key, ledger.Entry{}, fields)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v the second time, want %v", got, err, want)
		}
	})
	t.Run("of a write that another overtakes", func(t *testing.T) {
		t.Parallel()
		losing, safe := loses(t, "PutItem", 1)
		newer := map[string]ledger.Stamp{"Name": {Time: noon, EventID: "f"}}
		var writers sync.WaitGroup
		for fields, table := range map[*map[string]ledger.Stamp]*dynamo.Table{&fields: losing, &newer: safe} {
			writers.Go(func() {
				if _, err := ledger.Record(t.Context(), table, key, ledger.Entry{}, *fields); err != nil {
					t.Error(err)
				}
			})
		}
		writers.Wait()
		if got, err := safe.Load(t.Context(), key); err != nil || !reflect.DeepEqual(got.Fields, newer) {
			t.Errorf("got %v, %v, want %v", got, err, newer)
		}
	})
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := awstest.Shared(t)
	table := dynamo.New(client(s), s.Table(t, dynamo.KeyAttribute))
	fields := map[string]ledger.Stamp{}
	for i := range 40 {
		fields[fmt.Sprint(i)] = ledger.Stamp{Time: noon, EventID: strings.Repeat("e", 10_000)}
	}
	if err := table.Save(t.Context(), key, ledger.Entry{Fields: fields}); err != nil {
		t.Fatalf("got %v for less than 400 KB", err)
	}
	fields["one more"] = fields["0"]
	err := table.Save(t.Context(), key, ledger.Entry{Fields: fields, Version: 1})
	want := "ledger: the entry of cn-hangzhou/vco-1, 41 fields with the ids and sources of their events, is larger than the 400 KB that an item may have: "
	if err == nil || !strings.HasPrefix(err.Error(), want) || errors.Is(err, ledger.ErrConflict) || len(err.Error()) > 1000 {
		t.Errorf("got %v, want %s", err, want)
	}
	if got, err := table.Load(t.Context(), key); err != nil || got.Version != 1 || len(got.Fields) != 40 {
		t.Errorf("got version %d, %d fields, %v after it", got.Version, len(got.Fields), err)
	}
}

func TestNoTable(t *testing.T) {
	t.Parallel()
	s := awstest.Shared(t)
	table := dynamo.New(client(s), "no-such-table")
	var missing *retry.Error
	if _, err := table.Load(t.Context(), key); !errors.As(err, &missing) || missing.Code != "ResourceNotFoundException" || !strings.HasPrefix(err.Error(), "ledger: read cn-hangzhou/vco-1: ") {
		t.Errorf("load: got %v", err)
	}
	if err := table.Save(t.Context(), key, ledger.Entry{}); !errors.As(err, &missing) || !strings.HasPrefix(err.Error(), "ledger: write cn-hangzhou/vco-1: ") {
		t.Errorf("save: got %v", err)
	}
	if _, err := table.FirstSeen(t.Context(), "id", noon, time.Hour); !errors.As(err, &missing) {
		t.Errorf("first seen: got %v", err)
	}
}

func TestFirstSeen(t *testing.T) {
	t.Parallel()
	s := awstest.Shared(t)
	name := s.Table(t, dynamo.KeyAttribute)
	table := dynamo.New(client(s), name)
	at := func(after time.Duration) time.Time { return noon.Add(500*time.Millisecond + after) }
	for _, step := range []struct {
		id        string
		now, want time.Duration
	}{
		{"a", 0, 0},
		{"a", time.Second, 0},
		{"b", 2 * time.Second, 2 * time.Second},
		{"a", -time.Hour, 0}, // another machine's clock
		{"a", time.Hour, 0},  // within the second in which it expires
		{"a", time.Hour + time.Second, time.Hour + time.Second},       // expired, and not deleted
		{"a", 2 * time.Hour, time.Hour + time.Second},                 // kept anew
		{"", time.Nanosecond, time.Nanosecond},                        // to the nanosecond
		{"cn-hangzhou/vco-1", 3 * time.Second, 3 * time.Second},       // no attachment's item
		{strings.Repeat("x", 2043), 4 * time.Second, 4 * time.Second}, // the longest
	} {
		got, err := table.FirstSeen(t.Context(), step.id, at(step.now), time.Hour)
		if err != nil || !got.Equal(at(step.want)) {
			t.Errorf("%q at %v: got %v, %v, want %v", step.id, at(step.now), got, err, at(step.want))
		}
	}
	if entry, err := table.Load(t.Context(), key); err != nil || entry.Version != 0 {
		t.Errorf("got %v, %v for an attachment", entry, err)
	}
	got, err := client(s).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: item{"pk": &text{Value: "seen/b"}}})
	want := item{
		"pk": &text{Value: "seen/b"}, "time": &text{Value: "2026-03-01T12:00:02.5Z"},
		dynamo.ExpiryAttribute: &num{Value: fmt.Sprint(noon.Add(time.Hour + 3*time.Second).Unix())},
	}
	if err != nil || !reflect.DeepEqual(got.Item, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if _, err := table.FirstSeen(t.Context(), strings.Repeat("x", 2044), noon, time.Hour); err == nil {
		t.Error("an id that is too long is accepted")
	}
	odd := item{"pk": &text{Value: "seen/odd"}, "expires": &num{Value: "99999999999"}}
	if _, err := client(s).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: odd}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.FirstSeen(t.Context(), "odd", noon, time.Hour); err == nil || !strings.Contains(err.Error(), "time: not a string") {
		t.Errorf("got %v for an item without a time", err)
	}
}

func TestSeen(t *testing.T) {
	t.Parallel()
	s := awstest.Shared(t)
	table := dynamo.New(client(s), s.Table(t, dynamo.KeyAttribute))
	check := func(id string, after time.Duration, want bool) {
		t.Helper()
		if got, err := table.Seen(t.Context(), id, noon.Add(after)); err != nil || got != want {
			t.Errorf("%s after %v: got %t, %v", id, after, got, err)
		}
	}
	check("a", 0, false)
	if _, err := table.FirstSeen(t.Context(), "a", noon, time.Hour); err != nil {
		t.Fatal(err)
	}
	check("a", 0, true)
	check("b", 0, false)
	check("a", time.Hour-time.Second, true)
	check("a", time.Hour, false) // expired, and not deleted
	if _, err := dynamo.New(client(s), "missing").Seen(t.Context(), "a", noon); err == nil {
		t.Error("no error without a table")
	}
}

func TestFirstSeenByMany(t *testing.T) {
	t.Parallel()
	losing, safe := loses(t, "PutItem", 3)
	got := make([]time.Time, 8)
	var callers sync.WaitGroup
	for i := range got {
		callers.Go(func() {
			table := safe
			if i%2 == 0 {
				table = losing
			}
			var err error
			if got[i], err = table.FirstSeen(t.Context(), "id", noon.Add(time.Duration(i)), time.Hour); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	for _, first := range got {
		if !first.Equal(got[0]) || first.Before(noon) {
			t.Errorf("got %v, want one answer for all", got)
		}
	}
}

// A read that need not be the newest would bring back what is done already.
func TestReadsAreConsistent(t *testing.T) {
	t.Parallel()
	api := &reads{Client: client(awstest.Shared(t))}
	_, _ = dynamo.New(api, "no-such-table").Load(t.Context(), key)
	if len(api.seen) != 1 || api.seen[0].ConsistentRead == nil || !*api.seen[0].ConsistentRead {
		t.Errorf("got %+v", api.seen)
	}
}

type reads struct {
	*dynamodb.Client
	seen []*dynamodb.GetItemInput
}

func (r *reads) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	r.seen = append(r.seen, in)
	return r.Client.GetItem(ctx, in, options...)
}
