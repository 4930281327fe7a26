package attachment

import (
	"slices"

	"vpnattach/shared/core/finding"
)

// Regions are those that the official clients know, in the order of their ids.
// Source: the endpoints of the official SDK, alibabacloud-go/vpc-20160428 v7.2.5,
// without those that are internal to the provider.
var Regions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-3", "ap-southeast-5", "ap-southeast-6",
	"ap-southeast-7", "ap-southeast-8", "cn-beijing", "cn-beijing-finance-1", "cn-beijing-finance-pop",
	"cn-beijing-gov-1", "cn-chengdu", "cn-edge-1", "cn-fujian", "cn-fuzhou", "cn-guangzhou", "cn-hangzhou",
	"cn-hangzhou-finance", "cn-heyuan", "cn-heyuan-acdr-1", "cn-hongkong", "cn-hongkong-finance-pop",
	"cn-huhehaote", "cn-huhehaote-nebula-1", "cn-nanjing", "cn-north-2-gov-1", "cn-qingdao", "cn-qingdao-nebula",
	"cn-shanghai", "cn-shanghai-finance-1", "cn-shenzhen", "cn-shenzhen-finance-1", "cn-wuhan", "cn-wuhan-lr",
	"cn-wulanchabu", "cn-wulanchabu-gic-1", "cn-zhangbei", "cn-zhangjiakou", "cn-zhengzhou-nebula-1",
	"cn-zhongwei", "eu-central-1", "eu-west-1", "eu-west-1-oxs", "eu-west-2", "me-central-1", "me-east-1",
	"na-south-1", "us-east-1", "us-southeast-1", "us-west-1",
}

var regionUnknown = finding.Declare(finding.Check{
	ID: "region-unknown", Severity: finding.Warning, Part: finding.Values,
	Title: "The region is not one that the official clients know.",
	Why:   "The region decides which host is called. A misspelt one has no host, so the call fails and the change waits; a new one is right as it is.",
	Hint:  "check the spelling; DescribeRegions lists the regions",
	Ref:   "https://api.alibabacloud.com/document/Vpc/2016-04-28/DescribeRegions",
})

// unknownRegion finds a region that is not known, with the nearest that is.
func (j *judge) unknownRegion(at location, region string) {
	if _, known := slices.BinarySearch(Regions, region); known || region == "" {
		return
	}
	hint := ""
	if near := NearestOf(region, Regions); near != "" {
		hint = "did you mean " + near + "?"
	}
	j.reportHint(regionUnknown, at, at.path()+" is "+at.parameter().Quote(region)+", a region that is not known here", hint)
}
