using CsCheck;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>What a sandboxed run may reach, by name; no spelling of an address gets round it.</summary>
public sealed class HostAllowlistTests
{
    private static readonly HostAllowlist List = new([
        "API.example.com",
        "*.nuget.org",
        "db.local:5432",
        "127.0.0.1:8080",
        "*.com",
        "bad entry",
        "10.0.0.1",
    ]);

    [Theory]
    [InlineData("api.example.com:443", true, false)]
    [InlineData("API.EXAMPLE.COM:80", true, false)]
    [InlineData("api.example.com:22", false, false)]
    [InlineData("www.nuget.org:443", true, false)]
    [InlineData("a.b.nuget.org:443", true, false)]
    [InlineData("nuget.org:443", false, false)]
    [InlineData("evilnuget.org:443", false, false)]
    [InlineData("www.nuget.org.evil.test:443", false, false)]
    [InlineData("db.local:5432", true, true)]
    [InlineData("db.local:443", false, false)]
    [InlineData("127.0.0.1:8080", true, true)]
    [InlineData("127.0.0.1:80", false, false)]
    [InlineData("10.0.0.1:443", false, false)]
    [InlineData("other.com:443", false, false)]
    public void Names_suffixes_and_ports_are_as_they_stand(
        string target,
        bool allowed,
        bool privateToo
    )
    {
        Assert.True(HostAllowlist.Read(target, out var host, out var port));
        Assert.Equal((allowed, privateToo), List.Allows(host, port));
    }

    [Theory]
    [InlineData("127.1:8080")]
    [InlineData("2130706433:8080")]
    [InlineData("0x7f000001:8080")]
    [InlineData("0177.0.0.1:8080")]
    [InlineData("127.0.0.01:8080")]
    [InlineData("127.0.0.256:8080")]
    [InlineData("[::1]:8080")]
    [InlineData("::1:8080")]
    [InlineData("[::ffff:127.0.0.1]:8080")]
    [InlineData("api.example.com.:443")]
    [InlineData("user@api.example.com:443")]
    [InlineData("api.example.com:443:443")]
    [InlineData("api..example.com:443")]
    [InlineData("-api.example.com:443")]
    [InlineData("äpi.example.com:443")]
    [InlineData("api.example.com:0")]
    [InlineData("api.example.com:65536")]
    [InlineData("api.example.com:+443")]
    [InlineData("api.example.com")]
    [InlineData(":443")]
    [InlineData("")]
    [InlineData("a b:443")]
    public void What_is_no_plain_name_or_address_is_no_target(string target) =>
        Assert.False(HostAllowlist.Read(target, out _, out _));

    [Theory]
    [InlineData("", false)]
    [InlineData("*.com", false)]
    [InlineData("*", false)]
    [InlineData("*.example.com:443", false)]
    [InlineData("a.*.example.com", false)]
    [InlineData("https://example.com", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("10.0.0.1:80", true)]
    [InlineData("localhost", true)]
    [InlineData("localhost:8080", true)]
    [InlineData("*.example.com", true)]
    public void An_entry_that_could_allow_nothing_or_everything_is_told(string entry, bool good) =>
        Assert.Equal(good, HostAllowlist.Problem(entry).Length == 0);

    [Theory]
    [InlineData("8.8.8.8", false)]
    [InlineData("172.32.0.1", false)]
    [InlineData("0.0.0.0", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.31.255.255", true)]
    [InlineData("192.168.1.1", true)]
    [InlineData("198.18.0.1", true)]
    [InlineData("224.0.0.1", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("2606:4700::1111", false)]
    [InlineData("::", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("64:ff9b::7f00:1", true)]
    [InlineData("2002:7f00:1::", true)]
    [InlineData("fd00::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("ff02::1", true)]
    public void An_address_of_no_public_network_is_private(string address, bool isPrivate) =>
        Assert.Equal(
            isPrivate,
            HostAllowlist.IsPrivate(System.Net.IPAddress.Parse(address).GetAddressBytes())
        );

    [Fact]
    public void Any_other_length_of_an_address_is_private() =>
        Assert.All([0, 3, 5, 15, 17], n => Assert.True(HostAllowlist.IsPrivate(new byte[n])));

    [Fact]
    public void Nothing_is_reached_that_is_not_named_whatever_is_asked_for() =>
        Gen.String[0, 60]
            .Sample(text =>
            {
                var allows =
                    HostAllowlist.Read(text + ":443", out var host, out var port)
                    && new HostAllowlist(["only.example.com"]).Allows(host, port).Allowed;
                Assert.Equal(
                    text.Equals("only.example.com", StringComparison.OrdinalIgnoreCase),
                    allows
                );
            });
}
