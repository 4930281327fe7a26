package rotate_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/rotate"
	"vpnattach/shared/emulator"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// schedules is how many TestSchedules plays, unless SCHEDULES=n says another number.
// SEED=n begins with schedule n.
var schedules uint64 = 2000

// every is the distance between the calls that TestEveryCall has fail.
var every = 1

// TestSchedules: whatever happens to the functions, at either end, and by hand, in the
// end both ends have the key of AWSCURRENT, or an alarm names the tunnel and both ends.
func TestSchedules(t *testing.T) {
	t.Parallel()
	number := func(name string, preset uint64) uint64 {
		n, err := strconv.ParseUint(cmp.Or(os.Getenv(name), strconv.FormatUint(preset, 10)), 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n
	}
	first, count := number("SEED", 0), number("SCHEDULES", schedules)
	var next atomic.Uint64
	var results sync.Map
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for !t.Failed() {
				n := next.Add(1) - 1
				if n >= count {
					return
				}
				s := playSchedule(first + n)
				if len(s.wrong) > 0 {
					t.Errorf("schedule %d: %s\n%s", first+n, strings.Join(s.wrong, "\n"), strings.Join(s.story, "\n"))
				}
				ended, _ := results.LoadOrStore(s.end, new(atomic.Uint64))
				ended.(*atomic.Uint64).Add(1)
			}
		})
	}
	workers.Wait()
	ends := map[string]uint64{}
	results.Range(func(end, count any) bool { ends[end.(string)] = count.(*atomic.Uint64).Load(); return true })
	t.Log(ends)
	if count == 2000 && !t.Failed() {
		for _, end := range []string{"rotated", "taken back", "refused", "alarm"} {
			if ends[end] < count/100 {
				t.Errorf("only %d schedules ended %s: the test does not see enough", ends[end], end)
			}
		}
	}
}

// schedule is one course of events and what is wrong with it.
type schedule struct {
	*world
	seenLast string    // by watch
	differs  time.Time // since when the keys differ
	taking   string    // the step that is taken
	version  string
	lasting  bool // what stands in the way does not end
	trouble  bool // something other than time happens
	wrong    []string
	end      string
}

func (s *schedule) fail(format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
	s.say("WRONG "+format, args...)
}

// any returns one of the values.
func (w *world) anyOf(values ...time.Duration) time.Duration {
	return values[w.random.IntN(len(values))]
}

func (s *schedule) one(in int) bool { return s.random.IntN(in) == 0 }

func playSchedule(seed uint64) (s *schedule) {
	s = &schedule{}
	defer func() {
		if cause := recover(); cause != nil {
			stack := make([]byte, 8192)
			s.wrong = append(s.wrong, fmt.Sprintf("panic: %v\n%s", cause, stack[:runtime.Stack(stack, false)]))
		}
	}()
	dice, err := newWorld(options{seed: seed})
	if err != nil {
		panic(err)
	}
	o := options{
		seed: seed, update: dice.anyOf(0, time.Second, 20*time.Second, time.Minute), lag: dice.anyOf(0, 0, 3*time.Second, 20*time.Second), mask: dice.anyOf(0, 1, 1, 1) == 0,
		provision: dice.anyOf(0, 30*time.Second, 3*time.Minute, 6*time.Minute), peerLag: dice.anyOf(0, 0, 5*time.Second, 40*time.Second),
		lateKey: dice.anyOf(0, 1) == 0,
	}
	if s.world, err = newWorld(o); err != nil {
		panic(err)
	}
	s.say("%+v", o)
	s.watching = s.watch
	s.moved = s.checkMoved
	s.peer.modifies = s.checkModify
	if !s.one(10) {
		s.makeTrouble()
	}
	s.happens = append(s.happens, happening{s.now.Add(time.Duration(s.random.Int64N(int64(10 * time.Minute)))), s.watcher})
	s.rotateAsManager("v1")
	if s.one(3) {
		s.pass(s.anyOf(0, time.Minute, time.Hour))
		s.rotateAsManager("v2")
	}
	s.calm()
	return s
}

// makeTrouble chooses what is going to happen.
func (s *schedule) makeTrouble() {
	s.trouble = true
	for range s.random.IntN(4) {
		at := s.random.IntN(120)
		if s.one(3) {
			at = s.random.IntN(40)
		}
		s.faults[at] = fault{crash: !s.one(4), after: s.one(2)}
		s.say("fault at call %d: %+v", at, s.faults[at])
	}
	for range s.random.IntN(3) {
		at := start.Add(time.Hour + time.Duration(s.random.Int64N(int64(s.anyOf(time.Minute, 10*time.Minute, 40*time.Minute)))))
		s.happens = append(s.happens, happening{at, s.something()})
	}
	switch s.random.IntN(6) {
	case 0:
		s.refusePeer()
	case 1:
		s.refuseOurs()
	case 2:
		s.peer.provision = s.anyOf(12*time.Minute, 40*time.Minute) // longer than a step waits
		s.say("a slow tunnel: %v", s.peer.provision)
	}
}

// something is what happens at some time: an edit by hand, or a tunnel or a function that
// is down for a time.
func (s *schedule) something() func() {
	key := fmt.Sprintf("edited-by-hand-%08x", s.random.Uint32())
	during := s.anyOf(time.Minute, 8*time.Minute, 30*time.Minute)
	edit := func(what string, do func()) func() {
		return func() {
			s.say("by hand: %s", what)
			do()
		}
	}
	switch s.random.IntN(9) {
	case 0:
		return edit("key at AWS", func() { s.peer.set(key) })
	case 1:
		return edit("our key", func() {
			if err := s.byHand(key); err != nil {
				s.say("refused: %v", err)
			}
		})
	case 2:
		return edit("AWSCURRENT", func() { s.secret.put(fmt.Sprint("by-hand-", len(s.secret.versions)), key) })
	case 3:
		return edit("the rotation is cancelled", func() { delete(s.secret.stages, "AWSPENDING") })
	case 4:
		return edit("an event with a key", func() {
			s.keys[key] = true
			m := message.Change{EventID: "an-event", Time: s.now, Element: -1, RegionID: region, VpnConnectionID: vco,
				Change: json.RawMessage(fmt.Sprintf(`{"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":%q}}]}`, key))}
			if err := s.put(m); err != nil {
				panic(err)
			}
		})
	case 5:
		end := s.random.IntN(2)
		return func() {
			s.say("the other tunnel is down at end %d for %v", end, during)
			s.peer.otherDown[end] = true
			s.happens = append(s.happens, happening{s.now.Add(during), func() { s.peer.otherDown[end] = false }})
		}
	case 6:
		return func() {
			if s.taking == "" {
				return
			}
			result, err := s.stepOf("twice", s.taking, s.version)
			s.say("%s %s, a second time: %s %v", s.taking, s.version, result.Status, err)
		}
	default:
		return func() {
			s.say("apply is down for %v", during)
			s.pausing = true
			s.happens = append(s.happens, happening{s.now.Add(during), func() { s.pausing = false }})
		}
	}
}

// refusePeer has AWS refuse some calls, or all.
func (s *schedule) refusePeer() {
	class := []outcome.Class{outcome.ClassBusy, outcome.ClassThrottled, outcome.ClassTransient, outcome.ClassRejected, outcome.ClassBlocked}[s.random.IntN(5)]
	from, count := s.random.IntN(3), s.random.IntN(5)
	if s.one(4) {
		count, s.lasting = 1<<30, true
	}
	s.say("AWS refuses calls %d to %d: %s", from, from+count, class)
	n := 0
	s.peer.refuse = func() error {
		n++
		if n-1 < from || n-1 >= from+count {
			return nil
		}
		return &vpc.Error{Code: "Refused", Message: "refused", Class: class}
	}
}

// refuseOurs has our end refuse some calls.
func (s *schedule) refuseOurs() {
	code := []string{"VpnConnection.Configuring", "Throttling.User", "InternalError", "Forbidden.RAM", "InvalidVpnConnectionInstanceId.NotFound"}[s.random.IntN(5)]
	action := []string{"ModifyVpnAttachmentAttribute", "ModifyVpnAttachmentAttribute", "DescribeVpnConnection"}[s.random.IntN(3)]
	s.refusing = true
	calls := 1 + s.random.IntN(6)
	s.say("our end refuses %d calls of %s: %s", calls, action, code)
	if err := s.api.InjectFaults(emulator.Fault{Action: action, Code: code, Calls: calls}); err != nil {
		panic(err)
	}
}

// rotateAsManager is what Secrets Manager does: the steps in order, all of them again
// after one has failed.
func (s *schedule) rotateAsManager(version string) {
	s.secret.stages["AWSPENDING"] = version
	for range 3 {
		if s.take(version) {
			return
		}
		if s.secret.stages["AWSPENDING"] != version && s.one(2) {
			return
		}
		s.pass(s.anyOf(time.Second, time.Minute, 5*time.Minute))
	}
}

func (s *schedule) take(version string) bool {
	for _, step := range []string{rotate.Create, rotate.Set, rotate.Test, rotate.Finish} {
		s.taking, s.version = step, version
		result, err := s.step(step, version)
		s.taking = ""
		s.say("%s %s: %s %v", step, version, result.Status, err)
		if err != nil {
			return false
		}
		s.end = string(result.Status)
		if s.trouble && s.one(4) {
			s.pass(s.anyOf(time.Second, time.Minute, 5*time.Minute))
		}
	}
	return true
}

// calm lets things come to rest: nothing happens any more, and the watch comes by.
func (s *schedule) calm() {
	clear(s.faults)
	s.pass(3 * time.Hour)
	s.judge()
}

// watcher is the schedule that calls the watch.
func (s *schedule) watcher() {
	next := s.now.Add(10 * time.Minute)
	if _, err := s.step(rotate.Watch, ""); err != nil {
		s.say("watch: %v", err)
	}
	s.happens = append(s.happens, happening{next, s.watcher})
}

// watch looks at every instant: a rotation never touches the other tunnel.
func (s *schedule) watch(time.Time) {
	if s.peer.key[1] != "key.of.the.other.tunnel" {
		s.fail("the other tunnel was touched")
	}
	seen := fmt.Sprint(s.differs, s.now.Sub(s.differs) > 90*time.Minute, s.changed, s.peer.told, min(s.now.Sub(s.changed), s.options.update+15*time.Second).Truncate(15*time.Second))
	if seen == s.seenLast {
		return
	}
	s.seenLast = seen
	s.checkAlarm()
	second := gjson.GetBytes(s.api.Describe(vco), "TunnelOptionsSpecification.TunnelOptions.#(TunnelIndex==2)")
	if second.Get("TunnelIkeConfig.Psk").Str != "local-dual-key-2" {
		s.fail("the other tunnel was touched")
	}
	if !s.peer.otherDown[0] && second.Get("State").Str == "active" && second.Get("Status").Str != outcome.Established {
		s.fail("the other tunnel is %s", second.Get("Status").Str)
	}
}

// checkAlarm looks at every instant: keys that differ don't stay so without an alarm, nor
// without a call that works on it, for longer than it takes the watch to see it.
func (s *schedule) checkAlarm() {
	if s.peer.key[0] == s.ours() {
		s.differs = time.Time{}
		return
	}
	if s.differs.IsZero() || s.differs.Before(s.edited) {
		s.differs = s.now
	}
	told := slices.ContainsFunc(s.results, func(r rotate.Result) bool { return len(r.Ends) == 2 && !r.Time.Before(s.differs) })
	if s.now.Sub(s.differs) > 90*time.Minute && !told && !s.unseen() {
		s.fail("the keys differ for %v, and nothing says so", s.now.Sub(s.differs))
		s.differs = s.now
	}
}

// unseen reports whether the last edit by hand was one that no rotation could see.
func (s *schedule) unseen() bool {
	return s.idle || !s.edited.IsZero() && s.closed.Sub(s.edited) <= max(s.options.lag, s.options.peerLag)
}

// checkModify looks at each change of AWS's end before it is made.
func (s *schedule) checkModify(key string) {
	s.say("AWS: %s", key)
	isNew := gjson.Get(s.secret.versions[s.version], "psk").Str == key && s.secret.stages["AWSCURRENT"] != s.version
	if !isNew {
		if !slices.ContainsFunc(s.queued, func(id string) bool { return strings.Contains(id, "/back") }) {
			s.fail("AWS is set back before the change back is queued")
		}
		return
	}
	if s.peer.otherDown[0] || s.peer.otherDown[1] {
		s.fail("AWS is changed while the other tunnel is down")
	}
	if len(s.rotations().Open) == 0 {
		s.fail("AWS is changed, and that is not recorded")
	}
}

// checkMoved looks at both ends when rotate makes a version AWSCURRENT.
func (s *schedule) checkMoved(version, key string) {
	s.say("AWSCURRENT is with %s", version)
	if !s.byHands && (s.peer.key[0] != key || s.ours() != key) {
		s.fail("AWSCURRENT moves to a key that AWS has: %v, that we have: %v", s.peer.key[0] == key, s.ours() == key)
	}
}

// judge looks at what has come of it all.
func (s *schedule) judge() {
	theirs, ours, current := s.peer.key[0], s.ours(), s.secret.key()
	s.say("at the end: AWS %s, ours %s, AWSCURRENT %s; open: %s", theirs, ours, current, s.open)
	var last *rotate.Result
	for i := range s.results {
		if s.results[i].Status == rotate.KeysDiffer && !s.results[i].Time.Before(s.changed) {
			last = &s.results[i]
		}
	}
	open := len(s.rotations().Open) > 0
	switch {
	case theirs == current && ours == current:
		switch {
		case open && last == nil:
			s.fail("both ends have the key of AWSCURRENT, and the rotation is not done")
		case s.secret.stages["AWSCURRENT"] != "v0" && current != oldKey && s.keys[current]:
			s.end = "rotated"
		case slices.ContainsFunc(s.results, func(r rotate.Result) bool { return r.Status == rotate.TakenBack }):
			s.end = "taken back"
		default:
			s.end = "refused"
		}
		if !open && s.secret.stages["AWSPENDING"] != "" && s.end == "taken back" && len(s.secret.versions) == 2 {
			s.fail("the version that was taken back is AWSPENDING")
		}
	case last != nil:
		s.end = "alarm"
		if !s.lasting && !s.byHands && s.edited.IsZero() {
			s.fail("nothing stands in the way any more, and the rotation is not taken back")
		}
		if len(last.Ends) != 2 || last.Ends[0].VpnConnectionID != vco || last.Ends[0].Tunnel != "1" || last.Ends[1].VpnConnectionID != vpn || last.Ends[1].Tunnel != outside1 {
			s.fail("the alarm does not name the tunnel and both ends: %+v", last)
		}
	case s.unseen():
		s.end = "edited by hand"
	default:
		s.fail("the keys differ, and there is no alarm")
	}
	if !s.trouble && s.end != "rotated" {
		s.fail("nothing happened, and the key was not rotated")
	}
	emitted := s.emitted.String()
	for key := range s.keys {
		if strings.Contains(emitted, key) {
			i := strings.Index(emitted, key)
			s.fail("a key was shown: %s", emitted[max(0, i-200):i+len(key)])
		}
	}
}

// TestEveryCall: a crash, or a lost answer, at each call of each function, one after the
// other, ends with one key at both ends, and without an alarm that stays.
func TestEveryCall(t *testing.T) {
	t.Parallel()
	o := options{update: 5 * time.Second, provision: 40 * time.Second, peerLag: 5 * time.Second}
	whole := mustWorld(t, o)
	if _, err := whole.rotation("v1"); err != nil {
		t.Fatal(err)
	}
	whole.pass(10 * time.Minute) // for confirm
	calls, functions := whole.steps, map[string]bool{}
	var ends sync.Map
	for at := 0; at < calls; at += every {
		for _, f := range []fault{{crash: true}, {crash: true, after: true}, {}, {after: true}} {
			t.Run(fmt.Sprintf("call %d, %+v", at, f), func(t *testing.T) {
				t.Parallel()
				w := mustWorld(t, o)
				w.faults[at] = f
				s := &schedule{world: w}
				s.watching, s.moved, s.peer.modifies = s.watch, s.checkMoved, s.checkModify
				s.happens = append(s.happens, happening{s.now.Add(7 * time.Minute), s.watcher})
				s.rotateAsManager("v1")
				s.calm()
				if len(s.wrong) > 0 || s.end != "rotated" && s.end != "taken back" {
					t.Errorf("ended %s: %s\n%s", s.end, strings.Join(s.wrong, "\n"), strings.Join(s.story, "\n"))
				}
				ends.Store(s.end, true)
			})
		}
	}
	for _, function := range whole.called {
		functions[function] = true
	}
	if !functions["rotate"] || !functions["apply"] || !functions["confirm"] || calls < 50 {
		t.Errorf("only %d calls of %v: not each function is seen", calls, functions)
	}
}
