package request

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

const (
	central     = "vpc.aliyuncs.com"
	nebula      = "vpc-nebula.cn-qingdao-nebula.aliyuncs.com"
	cloudstone  = "vpc-nebula.cn-shenzhen-cloudstone.aliyuncs.com"
	longestName = 63 // of one label of a host name
)

// endpoints are the regions without a host of their own name.
// Source: the endpoint map of the official SDK, alibabacloud-go/vpc-20160428 v7.2.5.
var endpoints = map[string]string{
	"cn-hangzhou":             central,
	"cn-shanghai-finance-1":   central,
	"cn-shenzhen-finance-1":   central,
	"cn-north-2-gov-1":        central,
	"cn-beijing-finance-pop":  central,
	"cn-beijing-gov-1":        central,
	"cn-hangzhou-finance":     central,
	"cn-hongkong-finance-pop": central,
	"cn-shanghai-inner":       central,
	"cn-shenzhen-inner":       central,
	"cn-wuhan":                central,
	"cn-zhangbei":             central,
	"cn-fujian":               central,
	"cn-yushanfang":           central,
	"rus-west-1-pop":          central,
	"ap-northeast-2-pop":      central,
	"cn-edge-1":               nebula,
	"cn-qingdao-nebula":       nebula,
	"cn-huhehaote-nebula-1":   nebula,
	"cn-zhengzhou-nebula-1":   nebula,
	"eu-west-1-oxs":           cloudstone,
}

var (
	errNoRegion = errors.New("endpoint: RegionId is required")
	errRegion   = errors.New("endpoint: RegionId is not a region ID, which has only lower-case letters, digits and hyphens")
	errEndpoint = errors.New("endpoint: it must be a host, with or without a port, alone or after http:// or https://, without path or user, IPv6 in brackets")
)

// Endpoint returns the host of the VPC API in a region: vpc.<region>.aliyuncs.com
// but for the regions that share one. A region that is not a label of a host name is an
// error, so that no parameter can send a signed request to another domain.
func Endpoint(region string) (host string, err error) {
	if region == "" {
		return "", errNoRegion
	}
	if host, ok := endpoints[region]; ok {
		return host, nil
	}
	if len(region) > longestName || region[0] == '-' || strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return "", errRegion
	}
	return "vpc." + region + ".aliyuncs.com", nil
}

// resolve returns the scheme and the host to send to.
func resolve(endpoint, region string) (scheme, host string, err error) {
	if endpoint == "" {
		host, err = Endpoint(region)
		return "https", host, err
	}
	scheme, host, isURL := strings.Cut(endpoint, "://")
	if !isURL {
		scheme, host = "https", endpoint
	}
	host = strings.TrimSuffix(host, "/")
	if scheme != "https" && scheme != "http" || !isHost(host) {
		return "", "", errEndpoint
	}
	return scheme, host, nil
}

// isHost reports whether s is a host, with or without a port.
func isHost(s string) bool {
	name := s
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		name = s[:i]
		if port, err := strconv.ParseUint(s[i+1:], 10, 16); err != nil || port == 0 {
			return false
		}
	}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		address, err := netip.ParseAddr(name[1 : len(name)-1])
		return err == nil && address.Is6() && address.Zone() == ""
	}
	return name != "" && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-._") == ""
}
