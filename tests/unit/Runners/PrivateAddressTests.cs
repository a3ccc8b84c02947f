using System.Net;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>The first and last address of each range that is not of the public network, with what lies just beside it; and what is said of a wrong entry.</summary>
public sealed class PrivateAddressTests
{
    [Theory]
    [InlineData("0.255.255.255", true)]
    [InlineData("1.0.0.0", false)]
    [InlineData("9.255.255.255", false)]
    [InlineData("10.0.0.0", true)]
    [InlineData("10.255.255.255", true)]
    [InlineData("11.0.0.0", false)]
    [InlineData("100.63.255.255", false)]
    [InlineData("100.64.0.0", true)]
    [InlineData("100.127.255.255", true)]
    [InlineData("100.128.0.0", false)]
    [InlineData("101.64.0.0", false)]
    [InlineData("126.255.255.255", false)]
    [InlineData("127.0.0.0", true)]
    [InlineData("128.0.0.0", false)]
    [InlineData("169.253.255.255", false)]
    [InlineData("169.254.0.0", true)]
    [InlineData("169.255.0.0", false)]
    [InlineData("170.254.0.0", false)]
    [InlineData("172.15.255.255", false)]
    [InlineData("172.16.0.0", true)]
    [InlineData("172.31.0.0", true)]
    [InlineData("172.32.0.0", false)]
    [InlineData("173.16.0.0", false)]
    [InlineData("192.0.0.255", true)]
    [InlineData("192.0.1.0", false)]
    [InlineData("192.1.0.0", false)]
    [InlineData("192.167.0.0", false)]
    [InlineData("192.168.0.0", true)]
    [InlineData("192.169.0.0", false)]
    [InlineData("193.168.0.0", false)]
    [InlineData("198.17.0.0", false)]
    [InlineData("198.18.0.0", true)]
    [InlineData("198.19.255.255", true)]
    [InlineData("198.20.0.0", false)]
    [InlineData("199.18.0.0", false)]
    [InlineData("223.255.255.255", false)]
    [InlineData("224.0.0.0", true)]
    public void A_range_of_four_numbers_ends_where_it_ends(string address, bool isPrivate) =>
        Assert.Equal(isPrivate, IsPrivate(address));

    [Theory]
    // 2000::/3 alone is public
    [InlineData("1fff::1", true)]
    [InlineData("2000::1", false)]
    [InlineData("3fff::1", false)]
    [InlineData("4000::1", true)]
    [InlineData("fe80:808:808::1", true)]
    // what looks like a private address of four numbers in another place is none
    [InlineData("2606:a00:1::1", false)]
    [InlineData("2600:7f00:1::1", false)]
    [InlineData("2606:4700::a00:1", false)]
    [InlineData("2102:a00:1::1", false)]
    // mapped and compatible
    [InlineData("::8.8.8.8", false)]
    [InlineData("::192.168.0.1", true)]
    [InlineData("::ffff:192.168.0.1", true)]
    [InlineData("::fffe:808:808", true)]
    [InlineData("::101:808:808", true)]
    [InlineData("0:0:0:0:1:ffff:808:808", true)]
    // 6to4 and NAT64
    [InlineData("2002:808:808::1", false)]
    [InlineData("2002:c0a8:1::1", true)]
    [InlineData("2002:808:808::a00:1", false)]
    [InlineData("64:ff9b::808:808", false)]
    [InlineData("64:ff9b::a00:1", true)]
    [InlineData("64:ff9c::808:808", true)]
    [InlineData("65:ff9b::808:808", true)]
    [InlineData("64:fe9b::808:808", true)]
    [InlineData("164:ff9b::808:808", true)]
    public void An_address_of_sixteen_bytes_is_judged_as_what_it_is(
        string address,
        bool isPrivate
    ) => Assert.Equal(isPrivate, IsPrivate(address));

    [Theory]
    [InlineData("", "an entry is empty")]
    [InlineData("a.test:0", "'a.test:0' has no port of 1 to 65535 behind its ':'")]
    [InlineData("a.test:65536", "'a.test:65536' has no port of 1 to 65535 behind its ':'")]
    [InlineData("a.test:000080", "'a.test:000080' has no port of 1 to 65535 behind its ':'")]
    [InlineData("a.test:", "'a.test:' has no port of 1 to 65535 behind its ':'")]
    [InlineData("a.test:-1", "'a.test:-1' has no port of 1 to 65535 behind its ':'")]
    [InlineData("*.test", "'*.test' is no '*.suffix' of at least two labels without a port")]
    [InlineData(
        "*.a.test:80",
        "'*.a.test:80' is no '*.suffix' of at least two labels without a port"
    )]
    [InlineData(
        "*.a_b.test",
        "'*.a_b.test' is no '*.suffix' of at least two labels without a port"
    )]
    [InlineData("*.*.test", "'*.*.test' is no '*.suffix' of at least two labels without a port")]
    [InlineData("*", "'*' is no host name, '*.suffix', 'name:port' or 'address:port'")]
    [InlineData(":80", "':80' is no host name, '*.suffix', 'name:port' or 'address:port'")]
    [InlineData(
        "10.0.0.1",
        "'10.0.0.1' is no host name, '*.suffix', 'name:port' or 'address:port'"
    )]
    [InlineData(
        "1..2.3:80",
        "'1..2.3:80' is no host name, '*.suffix', 'name:port' or 'address:port'"
    )]
    [InlineData(
        "1.2.3:80",
        "'1.2.3:80' is no host name, '*.suffix', 'name:port' or 'address:port'"
    )]
    [InlineData(
        "1.2.3.4.5:80",
        "'1.2.3.4.5:80' is no host name, '*.suffix', 'name:port' or 'address:port'"
    )]
    [InlineData(
        "a.0x1:80",
        "'a.0x1:80' is no host name, '*.suffix', 'name:port' or 'address:port'"
    )]
    [InlineData("a-.test", "'a-.test' is no host name, '*.suffix', 'name:port' or 'address:port'")]
    [InlineData("a.test:1", "")]
    [InlineData("a.test:65535", "")]
    [InlineData("a.test:00080", "")]
    [InlineData("0.0.0.0:80", "")]
    [InlineData("255.255.255.255:80", "")]
    [InlineData("*.a.test", "")]
    [InlineData("1-a.test", "")]
    public void What_is_wrong_with_an_entry_is_said(string entry, string problem) =>
        Assert.Equal(problem, HostAllowlist.Problem(entry));

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_label_has_at_most_63_characters(int length, bool taken) =>
        Assert.Equal(taken, HostAllowlist.Problem(new string('a', length) + ".test").Length == 0);

    [Theory]
    [InlineData(253, true)]
    [InlineData(254, false)]
    public void A_name_has_at_most_253_characters(int length, bool taken)
    {
        var name =
            string.Concat(Enumerable.Repeat("abcdefghi.", 25)) + new string('z', length - 250);

        Assert.Equal(taken, HostAllowlist.Problem(name).Length == 0);
        Assert.Equal(taken, HostAllowlist.Read(name + ":80", out _, out _));
    }

    [Theory]
    [InlineData("a.test", true)]
    [InlineData("xa.test", false)]
    [InlineData("b.a.test", false)]
    [InlineData("s.b.test", true)]
    [InlineData("r.s.b.test", true)]
    [InlineData("b.test", false)]
    public void A_name_allows_itself_and_a_suffix_what_ends_with_it(string host, bool allowed)
    {
        var list = new HostAllowlist(["a.test", "*.b.test"]);

        Assert.Equal((allowed, false), list.Allows(host, 443));
        Assert.Equal((allowed, false), list.Allows(host, 80));
        Assert.Equal((false, false), list.Allows(host, 81));
        Assert.Equal((false, false), list.Allows(host, 442));
    }

    [Theory]
    [InlineData("A.Test:80", "a.test", 80)]
    [InlineData("10.0.0.1:65535", "10.0.0.1", 65_535)]
    [InlineData("a.test:0443", "a.test", 443)]
    public void A_target_is_read_into_host_and_port(string target, string host, int port)
    {
        Assert.True(HostAllowlist.Read(target, out var readHost, out var readPort));
        Assert.Equal((host, port), (readHost, readPort));
    }

    private static bool IsPrivate(string address) =>
        HostAllowlist.IsPrivate(IPAddress.Parse(address).GetAddressBytes());
}
