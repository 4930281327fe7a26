package ledger

import (
	"time"

	"vpnattach/shared/outcome"
)

// Fate is what has become of a change for good. apply records it for the changes that
// ask for it, see [vpnattach/shared/message.Change]; a change that goes back to the queue
// has none yet. Recorded again, it may differ: of a change that is delivered a second
// time, the latest counts.
type Fate struct {
	Status outcome.Status  `json:"status"` // applied, unchanged, superseded, rejected or planned
	Reason *outcome.Reason `json:"reason,omitempty"`
	Time   time.Time       `json:"time"` // when it was found
}

// Phase is how far a rotation has come.
type Phase string

// The phases. A rotation without an entry has touched nothing, or is done.
const (
	Forward   Phase = "forward"   // from before the first end is touched
	Back      Phase = "back"      // from before the change back is queued; never forward again
	Finishing Phase = "finishing" // both ends had the new key, and AWSCURRENT moves
	Following Phase = "following" // the other end has the key of AWSCURRENT, and ours is to get it
)

// Sent is what is known of the call that gives the other end the new key.
type Sent string

// What is known of the call.
const (
	NotSent  Sent = ""         // it was not made, or was refused
	Asked    Sent = "asked"    // it was made, or is about to be, and may have been carried out
	Accepted Sent = "accepted" // it was carried out
)

// Rotation is one rotation that has touched something, or may have, and is not done. It
// holds names and times, never a key.
type Rotation struct {
	Version    string `json:"version"`    // of the secret: the ClientRequestToken
	Attachment string `json:"attachment"` // the [Key] of our end; of one attachment one rotation is open
	// Tunnel is the tunnel's index, and those after it are the other end, where that is on
	// AWS. They name the tunnel when its secret can't be read any more.
	Tunnel         int    `json:"tunnel,omitempty"`
	PeerRegion     string `json:"peerRegion,omitempty"`
	PeerConnection string `json:"peerConnection,omitempty"`
	PeerAddress    string `json:"peerAddress,omitempty"`
	// Current is the version that has AWSCURRENT: when the rotation began; from [Back] on,
	// the one that it goes back to.
	Current string    `json:"current,omitempty"`
	Phase   Phase     `json:"phase"`
	Time    time.Time `json:"time"`            // of the change: when the version was created
	Began   time.Time `json:"began"`           // when the first end was about to be touched
	Sent    Sent      `json:"sent,omitempty"`  //
	SentAt  time.Time `json:"sentAt,omitzero"` // just before the other end was last called
	Backs   int       `json:"backs,omitempty"` // how many versions it has gone back to
	// Reason is why it goes back.
	Reason  *outcome.Reason `json:"reason,omitempty"`
	Touched time.Time       `json:"touched,omitzero"` // when a call last began to work on it; zero once that has ended
	Writes  uint64          `json:"writes"`           // of this rotation
}

// Rotations are those that are not done, by the ARN of their secret.
type Rotations struct {
	Open    map[string]Rotation
	Version uint64 // counts the writes, as in [Entry]
}
