using System.Net;
using Orchestrator.Decisions.Webhooks;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class AddressGuardReasonsTests
{
    [Theory]
    [InlineData("0.0.0.1", "this network")]
    [InlineData("10.1.2.3", "private")]
    [InlineData("100.64.0.0", "carrier-grade NAT")]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("168.63.129.16", "a cloud's own services (Azure)")]
    [InlineData("169.254.169.254", "link-local (cloud metadata lives there)")]
    [InlineData("172.16.0.0", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.0.0.8", "reserved for protocols")]
    [InlineData("192.0.2.1", "for documentation")]
    [InlineData("192.88.99.1", "a relay of IPv6")]
    [InlineData("192.168.0.1", "private")]
    [InlineData("198.18.0.0", "for benchmarks")]
    [InlineData("198.51.100.7", "for documentation")]
    [InlineData("203.0.113.7", "for documentation")]
    [InlineData("224.0.0.0", "multicast")]
    [InlineData("239.255.255.255", "multicast")]
    [InlineData("240.0.0.0", "reserved")]
    [InlineData("255.255.255.255", "reserved")]
    public void A_refused_address_of_four_bytes_is_told_why(string address, string why) =>
        Assert.Equal(why, Refuse(address));

    [Theory]
    [InlineData("2001:0:1::1", "reserved for protocols")]
    [InlineData("2001:1ff::1", "reserved for protocols")]
    [InlineData("2001:db8::1", "for documentation")]
    [InlineData("2002:101:101::", "6to4, which carries an address of IPv4")]
    [InlineData("3fff:fff::1", "for documentation")]
    [InlineData("ff00::", "multicast")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("febf::1", "link-local")]
    [InlineData("fc00::1", "private")]
    [InlineData("fdff::1", "private")]
    [InlineData("::1", "loopback")]
    [InlineData("::", "not of the public internet")]
    [InlineData("::2", "not of the public internet")]
    [InlineData("::1:1", "not of the public internet")]
    [InlineData("100::1", "not of the public internet")]
    [InlineData("180::2", "not of the public internet")]
    [InlineData("4000::1", "not of the public internet")]
    [InlineData("4000::2", "not of the public internet")]
    [InlineData("fb00::1", "not of the public internet")]
    [InlineData("fe00::1", "not of the public internet")]
    [InlineData("fe40::1", "not of the public internet")]
    [InlineData("fec0::1", "not of the public internet")]
    public void A_refused_address_of_sixteen_bytes_is_told_why(string address, string why) =>
        Assert.Equal(why, Refuse(address));

    [Theory]
    [InlineData("::ffff:10.0.0.1", "private")]
    [InlineData("::ffff:127.0.0.1", "loopback")]
    [InlineData("64:ff9b::169.254.169.254", "link-local (cloud metadata lives there)")]
    [InlineData("::ffff:1.1.1.1", null)]
    [InlineData("64:ff9b::1.1.1.1", null)]
    [InlineData("2606:4700::ffff:a00:1", null)]
    [InlineData("2606:4700::ff:a00:1", null)]
    [InlineData("2606:4700::ff00:a00:1", null)]
    [InlineData("::ff:101:101", "not of the public internet")]
    [InlineData("::ff00:101:101", "not of the public internet")]
    [InlineData("1::ffff:101:101", "not of the public internet")]
    [InlineData("64:ff9b:100::101:101", "not of the public internet")]
    [InlineData("64:ff9b::1:101:101", "not of the public internet")]
    public void Only_the_two_whole_prefixes_carry_an_address_of_four_bytes(
        string address,
        string? why
    ) => Assert.Equal(why, Refuse(address));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(15)]
    [InlineData(17)]
    public void Other_lengths_are_no_address(int bytes) =>
        Assert.Equal("no address", AddressGuard.Refuse(new byte[bytes]));

    [Theory]
    [InlineData("2001:200::")]
    [InlineData("2001:db7:ffff::1")]
    [InlineData("2001:db9::1")]
    [InlineData("2003::1")]
    [InlineData("3ffe:ffff::1")]
    [InlineData("3fff:1000::1")]
    [InlineData("168.63.129.15")]
    [InlineData("168.63.129.17")]
    [InlineData("192.0.1.1")]
    [InlineData("192.0.3.1")]
    [InlineData("192.88.98.255")]
    [InlineData("192.88.100.0")]
    [InlineData("198.51.99.255")]
    [InlineData("198.51.101.0")]
    [InlineData("203.0.112.255")]
    [InlineData("203.0.114.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("169.255.0.0")]
    public void The_addresses_beside_a_refused_block_are_public(string address) =>
        Assert.Null(Refuse(address));

    private static string? Refuse(string address) =>
        AddressGuard.Refuse(IPAddress.Parse(address).GetAddressBytes());
}
