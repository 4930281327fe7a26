package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tidwall/sjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/emulator"
	"vpnattach/shared/vpc"
)

// getService answers with the script by which the page knows that it is served by a
// program that takes events. Elsewhere the file of that name says that there is none.
func (m *Machine) getService(w http.ResponseWriter, _ *http.Request) {
	about := struct {
		Emulator bool   `json:"emulator"`
		Endpoint string `json:"endpoint"` // where it is not the emulator
		Plan     bool   `json:"plan"`
	}{m.emulator != nil, m.config.VPCEndpoint, m.config.Plan}
	if at, err := url.Parse(about.Endpoint); err == nil && at.Host != "" {
		about.Endpoint = at.Host
	}
	text, err := json.Marshal(about)
	if err != nil {
		m.fail(w, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", pageTypes[".js"])
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("export const service = " + string(text) + "\n"))
}

// attachmentList is the answer of GET /attachments.
type attachmentList struct {
	Attachments []emulator.Attachment `json:"attachments"`
}

// getAttachments lists the emulated attachments. Of another API it lists none: there
// DescribeVpnConnection is asked about one by its id.
func (m *Machine) getAttachments(w http.ResponseWriter, _ *http.Request) {
	list := attachmentList{Attachments: []emulator.Attachment{}}
	if m.emulated != nil {
		list.Attachments = m.emulated.Attachments()
	}
	writeJSON(w, http.StatusOK, list)
}

// getAttachment answers what DescribeVpnConnection says of an attachment, with *** in
// place of its keys.
func (m *Machine) getAttachment(w http.ResponseWriter, r *http.Request) {
	current, err := m.client.Describe(r.Context(), r.PathValue("region"), r.PathValue("id"))
	var failed *vpc.Error
	switch {
	case errors.As(err, &failed):
		why := failed.Reason()
		writeProblem(w, failed.Class.Handling().HTTPStatus, problem{Code: why.Code, Message: why.Message, Hint: strings.TrimSuffix(why.Remedy, vpc.NewEvent)})
		return
	case err != nil:
		m.fail(w, err)
		return
	}
	text, err := describedWithoutKeys(current)
	if err != nil {
		m.fail(w, err)
		return
	}
	writeJSON(w, http.StatusOK, json.RawMessage(text))
}

// describedWithoutKeys is written from what was understood of the answer, so that a
// member that is not known can't carry a key.
func describedWithoutKeys(current *attachment.Current) (text string, err error) {
	set := func(path, value string) {
		if err == nil && value != "" {
			text, err = sjson.Set(text, path, value)
		}
	}
	text = string(current.Config().AppendJSON(nil, false))
	set("VpnConnectionId", current.VpnConnectionID)
	set("State", current.State)
	set("Status", current.Status)
	set("AttachType", current.AttachType)
	set("VpnBgpConfig.PeerAsn", current.PeerASN)
	for i := range current.Tunnels {
		t := &current.Tunnels[i]
		at := attachment.TunnelsName + "." + strconv.Itoa(i) + "."
		if !t.Shown {
			continue
		}
		set(at+"TunnelId", t.ID)
		set(at+"State", t.State)
		set(at+"Status", t.Status)
		set(at+"TunnelBgpConfig.PeerAsn", t.PeerASN)
	}
	return text, err
}
