package emulator

import (
	"cmp"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// labels are what TagResources and MoveVpnResourceGroup change.
type labels struct {
	Tags  map[string]string `json:",omitempty"`
	Group string            `json:",omitempty"` // resource group; empty: rg-local
}

func (l *labels) group() string { return cmp.Or(l.Group, "rg-local") }

// view lists the tags in the order of their keys.
func (l *labels) view() []any {
	all := []any{}
	for _, key := range slices.Sorted(maps.Keys(l.Tags)) {
		all = append(all, map[string]any{"Key": key, "Value": l.Tags[key]})
	}
	return all
}

// The resource types that have labels here, in upper case; requests may use any case.
const (
	attachmentType = "VPNATTACHMENT"
	gatewayType    = "CUSTOMERGATEWAY"
)

// labelled is a copy of a resource, its labels in it, and the key of its record.
// The labels are nil when the resource is not in the region.
func (s *Server) labelled(resourceType, region, id string) (key string, copied any, own *labels) {
	switch conn, g := s.connections[id], s.gateways[id]; {
	case resourceType == attachmentType && conn != nil && conn.Region == region:
		copied := *conn
		return "connection/" + id, &copied, &copied.labels
	case resourceType == gatewayType && g != nil && g.Region == region:
		copied := *g
		return "gateway/" + id, &copied, &copied.labels
	}
	return "", nil, nil
}

// resourceType reads the parameter ResourceType.
func resourceType(req *request) (string, *apiError) {
	switch t := strings.ToUpper(req.params["ResourceType"]); t {
	case attachmentType, gatewayType:
		return t, nil
	}
	return "", illegal("ResourceType", req.params["ResourceType"])
}

// tag is one of Tag.1, Tag.2 and so on of a request.
type tag struct {
	key, value string
	anyValue   bool // a filter without a value
}

func (t *tag) matches(own *labels) bool {
	value, there := own.Tags[t.key]
	return there && (t.anyValue || t.value == value)
}

// tags reads at most 20 tags.
func (q *request) tags() ([]tag, *apiError) {
	items, refused := q.items("Tag")
	if refused != nil {
		return nil, refused
	}
	if len(items) > 20 {
		return nil, illegal("Tag", "")
	}
	var tags []tag
	for _, n := range slices.Sorted(maps.Keys(items)) {
		value, valued := items[n]["Value"]
		t := tag{items[n]["Key"], value, !valued}
		if t.key == "" || !isTag(t.key) || !isTag(t.value) {
			return nil, illegal("Tag", "")
		}
		tags = append(tags, t)
	}
	return tags, nil
}

func isTag(s string) bool {
	return utf8.RuneCountInString(s) <= 128 && !strings.HasPrefix(s, "aliyun") && !strings.HasPrefix(s, "acs:") &&
		!strings.Contains(s, "http://") && !strings.Contains(s, "https://")
}

func (s *Server) tagResources(req *request) (map[string]any, records, *apiError) {
	kind, refused := resourceType(req)
	if refused != nil {
		return nil, nil, refused
	}
	tags, refused := req.tags()
	if refused != nil {
		return nil, nil, refused
	}
	ids := req.list("ResourceId")
	switch {
	case len(ids) == 0:
		return nil, nil, missing("ResourceId")
	case len(ids) > 50:
		return nil, nil, illegal("ResourceId", "")
	case len(tags) == 0:
		return nil, nil, missing("Tag")
	}
	changed := records{}
	for _, id := range ids {
		key, copied, own := s.labelled(kind, req.params["RegionId"], id)
		if own == nil {
			return nil, nil, refuse("InvalidResourceId.NotFound")
		}
		all := map[string]string{}
		maps.Copy(all, own.Tags)
		for _, t := range tags {
			all[t.key] = t.value
		}
		own.Tags = all
		changed[key] = copied
	}
	return map[string]any{}, changed, nil
}

// listTagResources pages by the resource and key that came last.
func (s *Server) listTagResources(req *request) (map[string]any, records, *apiError) {
	kind, refused := resourceType(req)
	if refused != nil {
		return nil, nil, refused
	}
	filters, refused := req.tags()
	if refused != nil {
		return nil, nil, refused
	}
	limit, refused := req.number("MaxResults", 50, 1, 50)
	if refused != nil {
		return nil, nil, refused
	}
	last, err := hex.DecodeString(req.params["NextToken"])
	if err != nil {
		return nil, nil, illegal("NextToken", "")
	}
	ids := req.list("ResourceId")
	if len(ids) == 0 {
		if len(filters) == 0 {
			return nil, nil, missing("ResourceId")
		}
		ids = slices.AppendSeq(slices.Collect(maps.Keys(s.connections)), maps.Keys(s.gateways))
	}
	slices.Sort(ids)
	found, next := []any{}, ""
	for _, id := range slices.Compact(ids) {
		_, _, own := s.labelled(kind, req.params["RegionId"], id)
		if own == nil || slices.ContainsFunc(filters, func(t tag) bool { return !t.matches(own) }) {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(own.Tags)) {
			position := id + "/" + key
			if position <= string(last) {
				continue
			}
			if len(found) == limit {
				return map[string]any{"NextToken": next, "TagResources": map[string]any{"TagResource": found}}, nil, nil
			}
			next = hex.EncodeToString([]byte(position))
			found = append(found, map[string]any{"ResourceType": kind, "ResourceId": id, "TagKey": key, "TagValue": own.Tags[key]})
		}
	}
	return map[string]any{"NextToken": "", "TagResources": map[string]any{"TagResource": found}}, nil, nil
}

func (s *Server) moveResourceGroup(req *request) (map[string]any, records, *apiError) {
	kind, refused := resourceType(req)
	if refused != nil {
		return nil, nil, refused
	}
	key, copied, own := s.labelled(kind, req.params["RegionId"], req.params["InstanceId"])
	if own == nil {
		return nil, nil, refuse("InvalidResourceId.NotFound")
	}
	own.Group = req.params["NewResourceGroupId"]
	return map[string]any{}, records{key: copied}, nil
}
