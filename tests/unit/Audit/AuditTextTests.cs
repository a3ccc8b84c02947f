using System.Text;
using Orchestrator.Decisions.Audit;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Audit;

public sealed class AuditTextTests
{
    [Theory]
    [InlineData(
        "submitted",
        "\"spec\":{\"request\":\"do it\",\"requester\":\"ann\",\"source\":\"cli\"}",
        "ann",
        "cli",
        "request=do it"
    )]
    [InlineData("approved", "\"by\":\"bob\",\"note\":\"fine\"", "bob", "", "note=fine")]
    [InlineData(
        "screened",
        "\"turn\":1,\"ruling\":{\"verdict\":\"deny\",\"rule\":\"allowed-roots\"}",
        "",
        "",
        "ruling.rule=allowed-roots"
    )]
    [InlineData("throttled", "\"requester\":\"eve\",\"reason\":\"full\"", "eve", "", "reason=full")]
    // A kind that this build has never heard of.
    [InlineData(
        "ruled",
        "\"by\":\"policy 7\",\"rules\":[\"a\",\"b\"],\"deep\":{\"er\":{\"n\":5}}",
        "policy 7",
        "",
        "rules=[a, b] deep.er.n=5"
    )]
    public void Who_by_which_door_and_what_are_read_from_the_bytes(
        string kind,
        string members,
        string who,
        string channel,
        string what
    )
    {
        var entry = Entry(AuditFile.Fact(kind, members));

        Assert.Equal((kind, who, channel), (entry.Kind, entry.Who, entry.Channel));
        Assert.Contains(what, entry.What, StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero), entry.At);
        Assert.Equal("0a0b", entry.Hash);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("""{"at":"yesterday","fact":{"fact":"x"}}""")]
    [InlineData("""{"at":"2026-05-04T03:02:01Z","fact":7}""")]
    public void Bytes_that_are_no_fact_are_told_so_and_crash_nothing(string stored) =>
        Assert.Equal("unreadable", Entry(stored).Kind);

    [Fact]
    public void What_is_one_line_of_bounded_length_without_control_characters()
    {
        var long1 = new string('x', 10_000);
        var entry = Entry(
            AuditFile.Fact(
                "odd",
                $"\"a\":\"one\\ntwo\\u001b[31m\",\"b\":\"{long1}\",\"c\":[{string.Join(',', Enumerable.Repeat("1", 1_000))}],"
                    + string.Join(',', Enumerable.Range(0, 200).Select(n => $"\"k{n}\":\"value\""))
            )
        );

        Assert.InRange(entry.What.Length, 1, AuditText.WhatMax);
        Assert.DoesNotContain(entry.What, char.IsControl);
        Assert.Contains("[1000 items]", entry.What, StringComparison.Ordinal);
    }

    private static AuditEntry Entry(string stored) =>
        AuditText.Entry(3, 9, Encoding.UTF8.GetBytes(stored), [0x0a, 0x0b]);
}
