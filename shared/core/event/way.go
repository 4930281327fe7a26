package event

// The ways by which an event can come that have no ARN; see [Record.Way].
const (
	WayBus     = "bus"     // a bus of Amazon EventBridge has called
	WayWebhook = "webhook" // a signed HTTP request; "webhook:NAME" of a sender that has a name
	WayInvoke  = "invoke"  // a direct invocation
	WayLocal   = "local"   // a file, or an event by itself that was posted to a program on one machine
)

// Way returns the way by which the units of a source come.
func (s Source) Way() string {
	switch {
	case s.Kind == 0:
		return WayInvoke
	case s.Kind == EventBridge:
		return WayBus
	}
	return s.Name
}
