package rotate

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/aws/sitevpn"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
)

// Stages of the versions of a secret.
const (
	stageCurrent = "AWSCURRENT"
	stagePending = "AWSPENDING"
)

// rotation is the work of one call on one secret.
type rotation struct {
	*Handler
	step    string
	secret  secrets.Described
	version string // the one that is to be, or is followed

	current string          // the version that has AWSCURRENT
	old     document        // of that version
	next    document        // of the one that is to be; zero until it is drawn
	created time.Time       // when that was; before it is read, when the current one was
	record  ledger.Rotation // without a phase, nothing has been touched
	claimed bool            // this call has written the record, so that any other one is overtaken
	service Service
	seen    ends
	done    Status // of a step that ends a rotation
}

// ends is what both ends show.
type ends struct {
	ours       *attachment.Current
	connection *sitevpn.Connection // nil where the other end is not AWS
}

// open reads the secret and what is recorded of its rotation.
func (r *rotation) open(ctx context.Context) error {
	id := r.secret.ARN
	described, err := r.config.Secrets.Describe(ctx, id)
	if err != nil {
		if all, err := r.config.Store.LoadRotations(ctx); err == nil { // to say which tunnel it is
			r.record = all.Open[id]
		}
		return failed("describe the secret", err)
	}
	r.secret = described
	for version, stages := range described.Stages {
		if slices.Contains(stages, stageCurrent) {
			r.current = version
		}
	}
	if r.current == "" {
		return refused("secret-empty", "the secret has no version with AWSCURRENT", "Store the present key of the tunnel in it.")
	}
	all, err := r.config.Store.LoadRotations(ctx)
	if err != nil {
		return failed("read the rotations", err)
	}
	r.record = all.Open[r.secret.ARN]
	if r.old, r.created, err = r.read(ctx, r.current); err != nil {
		if r.record.Phase != "" { // to say which tunnel it is
			r.old, _, _ = r.read(ctx, r.record.Current)
		}
		return failed("read AWSCURRENT", err)
	}
	if r.service, err = r.chooseService(ctx); err != nil {
		return failed("profile of credentials "+r.old.tunnel.Credentials, err)
	}
	if r.record.Phase != "" && !r.config.Plan && !r.others() { // who tries it out takes it from nobody
		return r.save(ctx, func(*ledger.Rotation) {})
	}
	return nil
}

// others reports whether the step has nothing to do with the rotation that is recorded.
func (r *rotation) others() bool {
	return r.step == Plan || r.step == Follow && r.record.Phase != ledger.Following
}

func (r *rotation) chooseService(ctx context.Context) (Service, error) {
	name := r.old.tunnel.Credentials
	if name == "" {
		return r.config.Service, nil
	}
	if r.config.Profile == nil {
		return nil, errors.New("no profiles are configured")
	}
	return r.config.Profile(ctx, name)
}

// read reads a version of the secret.
func (r *rotation) read(ctx context.Context, version string) (document, time.Time, error) {
	text, created, err := r.config.Secrets.Version(ctx, r.secret.ARN, version)
	if err != nil {
		if errors.Is(err, secrets.ErrNoVersion) {
			return document{}, created, err
		}
		return document{}, created, failed("read version "+version+" of the secret", err)
	}
	d, err := readDocument(text)
	if err != nil {
		return d, created, refused("secret-invalid", "version "+version+" of the secret can't be used: "+err.Error(), "Correct the secret.")
	}
	return d, created, nil
}

// readNext reads the version that is to be. It fails when that is for another tunnel.
func (r *rotation) readNext(ctx context.Context) (err error) {
	if r.next, r.created, err = r.read(ctx, r.version); err != nil {
		return err
	}
	if r.next.tunnel != r.old.tunnel {
		return refused("another-tunnel", "the version that is to be AWSCURRENT names another tunnel than the one that is",
			"Give the secret its tunnel first, with the key that the tunnel has, and rotate then.")
	}
	return nil
}

// conflicts is how many times save reads again before it gives up.
const conflicts = 10

// save changes what is recorded of the rotation. It fails when another call has done so
// since it was read: then that one goes on.
func (r *rotation) save(ctx context.Context, change func(*ledger.Rotation)) error {
	next := r.record
	change(&next)
	next.Touched, next.Writes = r.now(), r.record.Writes+1
	return r.write(ctx, next)
}

// write writes the record; one without a phase is removed.
func (r *rotation) write(ctx context.Context, next ledger.Rotation) error {
	arn := r.secret.ARN
	for range conflicts {
		all, err := r.config.Store.LoadRotations(ctx)
		if err != nil {
			return failed("read the rotations", err)
		}
		switch stored := all.Open[arn]; {
		case reflect.DeepEqual(stored, next): // the answer to a write was lost
			r.record, r.claimed = next, true
			return nil
		case !reflect.DeepEqual(stored, r.record):
			return overtaken()
		}
		if r.record.Phase == "" && next.Phase == ledger.Forward {
			if why := r.alone(all, next); why != nil {
				return why
			}
		}
		all.Open = maps.Clone(all.Open)
		if all.Open == nil {
			all.Open = map[string]ledger.Rotation{}
		}
		if all.Open[arn] = next; next.Phase == "" {
			delete(all.Open, arn)
		}
		err = r.config.Store.SaveRotations(ctx, all)
		if err == nil {
			r.record, r.claimed = next, true
			return nil
		}
		if !errors.Is(err, ledger.ErrConflict) {
			return failed("write the rotations", err)
		}
	}
	return failed("write the rotations", ledger.ErrConflict)
}

// alone fails when the rotation of another secret of the attachment is open: together they
// could take both tunnels. Of two that follow their peers, the one that has begun later
// waits.
func (r *rotation) alone(all ledger.Rotations, its ledger.Rotation) *failure {
	for arn, other := range all.Open {
		later := cmp.Or(other.Began.Compare(its.Began), cmp.Compare(arn, r.secret.ARN)) > 0
		if arn == r.secret.ARN || other.Attachment != its.Attachment || its.Phase == ledger.Following && other.Phase == ledger.Following && later {
			continue
		}
		return refused("another-rotation", "a rotation of another tunnel of "+its.Attachment+" is not done, that of "+arn, "Rotate once that one is done.")
	}
	return nil
}

// release says that no call works on the rotation any more.
func (r *rotation) release(ctx context.Context) {
	next := r.record
	next.Touched, next.Writes = time.Time{}, next.Writes+1
	if err := r.write(ctx, next); err != nil {
		invoke.Failed(invoke.Line(ctx, r.config.Log, zerolog.WarnLevel).Str("secretId", r.secret.ARN), err, "release the rotation")
	}
}

// now is the time as it is recorded.
func (r *rotation) now() time.Time { return r.config.Now().UTC().Round(0) }

// observe looks at both ends.
func (r *rotation) observe(ctx context.Context) error {
	its := r.old.tunnel
	ours, err := r.service.Describe(ctx, its.RegionID, its.VpnConnectionID)
	if err != nil {
		return failed("describe "+its.VpnConnectionID, err)
	}
	r.seen.ours = ours
	if its.AWSConnection == "" {
		return nil
	}
	connection, err := r.config.Peer.Describe(ctx, its.AWSRegion, its.AWSConnection)
	if err != nil {
		return failed("describe "+its.AWSConnection, err)
	}
	r.seen.connection = connection
	return nil
}

// look observes both ends, again while that fails for a time.
func (r *rotation) look(ctx context.Context, looks *int) error {
	for {
		err := r.observe(ctx)
		if err == nil {
			return nil
		}
		if retry, why := r.again(ctx, looks, "look at both ends", err); !retry {
			return why
		}
	}
}

// pause waits between two looks: longer the more there have been.
func (r *rotation) pause(ctx context.Context, looks *int, for_ string) error {
	d := min(500*time.Millisecond<<min(*looks, 6), 15*time.Second)
	*looks++
	if err := r.config.Wait(ctx, d); err != nil {
		return waiting(for_)
	}
	return nil
}

// ourKey says which key our end shows.
func (r *rotation) ourKey() string {
	field, _ := attachment.FieldNamed(r.old.tunnel.field())
	if r.seen.ours == nil {
		return "unknown"
	}
	shows := func(d document) bool {
		same, known := r.seen.ours.Shows(field, d.key.Reveal())
		return known && same && !d.key.IsZero()
	}
	_, known := r.seen.ours.Shows(field, r.old.key.Reveal())
	return keyName(known, shows(r.old), shows(r.next))
}

// peerKey says which key AWS's end shows.
func (r *rotation) peerKey() string {
	if r.seen.connection == nil {
		return "unknown"
	}
	its, _ := r.seen.connection.Tunnel(r.old.tunnel.OutsideIP)
	return keyName(its != nil && !its.Key.IsZero(), its != nil && its.Key.Equal(r.old.key), its != nil && its.Key.Equal(r.next.key))
}

// Names of keys.
const (
	keyUnknown = "unknown" // the end does not show it
	keyAnother = "another"
)

func keyName(known, old, next bool) string {
	switch {
	case !known:
		return keyUnknown
	case old: // also when both are the same
		return stageCurrent
	case next:
		return stagePending
	}
	return keyAnother
}

// complete fills in what a result says of the secret and of both ends.
func (r *rotation) complete(result Result) Result {
	result.SecretID, result.VersionID, result.Step, result.Time = r.secret.ARN, r.version, r.step, r.now()
	its := r.old.tunnel
	if its.VpnConnectionID == "" { // the secret could not be read
		its = recorded(r.record)
	}
	if its.VpnConnectionID != "" {
		ours := End{Cloud: "Alibaba Cloud", RegionID: its.RegionID, VpnConnectionID: its.VpnConnectionID, Tunnel: strconv.Itoa(its.Index), Key: r.ourKey()}
		if seen := r.seen.ours; seen != nil {
			ours.State, ours.Status = seen.State, seen.Tunnels[its.Index-1].Status
		}
		result.Ends = append(result.Ends, ours)
	}
	if its.AWSConnection != "" {
		theirs := End{Cloud: "AWS", RegionID: its.AWSRegion, VpnConnectionID: its.AWSConnection, Tunnel: its.OutsideIP, Key: r.peerKey()}
		if seen := r.seen.connection; seen != nil {
			theirs.State = seen.State
			if tunnel, _ := seen.Tunnel(its.OutsideIP); tunnel != nil {
				theirs.Status = tunnel.Status
			}
		}
		result.Ends = append(result.Ends, theirs)
	}
	if !r.record.Began.IsZero() {
		result.Took = r.now().Sub(r.record.Began)
	}
	if result.Reason != nil {
		result.Reason = r.hidden(*result.Reason)
	}
	for i := range result.Diagnoses {
		hide(&result.Diagnoses[i].Cause, secret.List{r.old.key, r.next.key})
	}
	return result
}

// recorded is the tunnel as far as the record of a rotation names it.
func recorded(its ledger.Rotation) (t tunnel) {
	t.RegionID, t.VpnConnectionID, _ = strings.Cut(its.Attachment, "/")
	t.Index, t.AWSRegion, t.AWSConnection, t.OutsideIP = its.Tunnel, its.PeerRegion, its.PeerConnection, its.PeerAddress
	return t
}

// reference is that of the key in a version of the secret.
func (r *rotation) reference(version string) string {
	return secret.Reference{Service: secret.SecretsManager, ID: r.secret.ARN, Key: keyMember, VersionID: version}.String()
}
