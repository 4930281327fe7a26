package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
)

// jumpingHost has clocks that jump now and then, as when a laptop wakes up: the one that
// must not go backwards by days, the other anywhere.
func jumpingHost(random *rand.Rand) wazero.ModuleConfig {
	const days = 1e15 // in ns: eleven
	jumps := func() bool { return random.IntN(20) == 0 }
	var monotonic, wall int64
	return wazero.NewModuleConfig().WithNanotime(func() int64 {
		if jumps() {
			monotonic += random.Int64N(days)
		}
		monotonic += random.Int64N(1e5)
		return monotonic
	}, 1).WithWalltime(func() (sec int64, nsec int32) {
		if jumps() {
			wall = random.Int64N(days)
		}
		wall += random.Int64N(1e5)
		return wall / 1e9, int32(wall % 1e9)
	}, 1)
}

// mustSamples returns inputs by the function that takes them.
func mustSamples(t *testing.T) map[string][][]byte {
	t.Helper()
	const keys = `"credentials":{"accessKeyId":"testid","accessKeySecret":"testsecret"},"time":"2026-11-03T00:00:00Z","nonce":"n"`
	samples := map[string][][]byte{"parameters": {nil}}
	add := func(name, input string) { samples[name] = append(samples[name], []byte(input)) }
	for _, form := range []string{"single", "dual"} {
		change := string(mustRead(t, "events/bare-"+form+".json"))
		current := string(mustRead(t, "shared/core/attachment/testdata/current/"+form+".json"))
		add("validate", `{"change":`+change+`}`)
		add("validate", `{"change":`+change+`,"peer":"aws"}`)
		add("build", `{"change":`+change+`,"reveal":true,`+keys+`}`)
		add("build", `{"change":`+change+`,"current":`+current+`,"redact":true}`)
		add("diff", `{"change":`+change+`,"current":`+current+`}`)
		add("sign", `{"parameters":`+change+`,`+keys+`}`)
		add("sign", `{"parameters":`+change+`,`+keys+`,"signature":"v1"}`)
		for _, language := range []string{"curl", "terraform"} {
			add("snippet", `{"change":`+change+`,"language":"`+language+`","reveal":true,`+keys+`}`)
		}
	}
	for _, input := range mustInputs(t) {
		samples["transform"] = append(samples["transform"], input)
	}
	for _, inputs := range samples { // a map's order is another each time
		slices.SortFunc(inputs, bytes.Compare)
	}
	return samples
}

// changed returns the input, or what it might be after a slip: bytes that are others, left
// out, doubled.
func changed(random *rand.Rand, input []byte) []byte {
	input = bytes.Clone(input)
	for range random.IntN(4) {
		if len(input) == 0 {
			break
		}
		from := random.IntN(len(input))
		to := min(from+random.IntN(8), len(input))
		switch random.IntN(3) {
		case 0:
			input[from] = byte(random.IntN(256))
		case 1:
			input = slices.Delete(input, from, to)
		case 2:
			input = slices.Insert(input, to, input[from:to]...)
		}
	}
	return input
}

// TestRandomCalls makes the same calls in the module, in what plain go build makes of the
// program, and natively. The results are the same bytes, whatever the hosts' clocks say,
// and the module's memory stays level. SOAK=1 makes 100,000 calls.
func TestRandomCalls(t *testing.T) {
	t.Parallel()
	calls, seed := 1000, rand.Uint64()
	if os.Getenv("SOAK") != "" {
		calls = 100_000
	}
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	plainCore, err := compile(t.Context(), root, "")
	if err != nil {
		t.Fatal(err)
	}
	core, err := startedCore()
	if err != nil {
		t.Fatal(err)
	}
	m := mustInstantiate(t, core, jumpingHost(rand.New(rand.NewPCG(seed, 1))))
	plain := mustInstantiate(t, plainCore, jumpingHost(rand.New(rand.NewPCG(seed, 2))))
	samples := mustSamples(t)
	names := slices.Sorted(maps.Keys(samples))
	valid := 0
	for i := range calls {
		name := names[random.IntN(len(names))]
		input := changed(random, samples[name][random.IntN(len(samples[name]))])
		want := string(native[name](input))
		got, gotPlain := m.call(t, name, input), plain.call(t, name, input)
		if got != want || gotPlain != want {
			t.Fatalf("call %d: %s of %.2000s\n module %s\n  plain %s\n native %s", i, name, input, got, gotPlain, want)
		}
		// A jump may stall the garbage collection, and 500 calls then take this much.
		if size := m.Memory().Size(); size > 32<<20 {
			t.Fatalf("call %d: got %d bytes of memory", i, size)
		}
		if json.Valid(input) {
			valid++
		}
		if (i+1)%(calls/10) == 0 {
			t.Logf("%d calls, %d of them with valid JSON: %d bytes of memory", i+1, valid, m.Memory().Size())
		}
	}
	if valid < calls/5 {
		t.Errorf("%d of %d inputs are valid JSON, want a fifth", valid, calls)
	}
}
