package event_test

import (
	"fmt"

	"vpnattach/shared/core/event"
)

func ExampleOpen() {
	data := []byte(`{"Records": [{
		"messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
		"body": "{\"id\": \"7bf73129\", \"detail-type\": \"VPN Attachment Change\", \"source\": \"com.example.vpn\", \"time\": \"2026-11-02T10:30:00Z\", \"detail\": {\"VpnConnectionId\": \"vco-localsingle\"}}",
		"eventSource": "aws:sqs"
	}]}`)
	records, err := event.Open(data, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range records {
		fmt.Println(r.Via, r.ID, r.Time)
		fmt.Println(r.IsChange(), r.Data)
	}
	// Output:
	// sqs > eventbridge 7bf73129 2026-11-02 10:30:00 +0000 UTC
	// true {"VpnConnectionId": "vco-localsingle"}
}
