using CsCheck;
using Orchestrator.Decisions.Failures;
using Orchestrator.GrainInterfaces.Failures;
using Xunit;

namespace Orchestrator.UnitTests.Failures;

public sealed class RetryScheduleTests
{
    private const int Always = int.MaxValue;

    // Class, retries in one turn, whether a run that ended so counts, seconds before the first and the second retry.
    private static readonly (
        ErrorClass Class,
        int Retries,
        bool Counts,
        double First,
        double Second
    )[] Table =
    [
        (ErrorClass.None, 0, true, 0, 0),
        (ErrorClass.Interactive, 0, true, 0, 0),
        (ErrorClass.RateLimit, 3, true, 2, 4),
        (ErrorClass.Timeout, 1, true, 1, 1),
        (ErrorClass.Network, 3, true, 1.5, 3),
        (ErrorClass.Auth, 0, true, 0, 0),
        (ErrorClass.Fatal, 0, true, 0, 0),
        (ErrorClass.UsageLimit, Always, false, 0, 0),
        (ErrorClass.UpstreamError, 3, true, 1.5, 3),
        (ErrorClass.MaxTurns, 0, true, 0, 0),
        (ErrorClass.ContextOverflow, 0, true, 0, 0),
        (ErrorClass.SessionLost, 1, false, 0, 0),
        (ErrorClass.PermissionBlock, 0, true, 0, 0),
        (ErrorClass.StreamClosed, 0, true, 0, 0),
        (ErrorClass.Cancelled, 0, true, 0, 0),
        (ErrorClass.Billing, 0, true, 0, 0),
        (ErrorClass.Budget, 0, true, 0, 0),
        (ErrorClass.ModelNotFound, 0, true, 0, 0),
        (ErrorClass.Refusal, 0, true, 0, 0),
        (ErrorClass.Config, 0, true, 0, 0),
        (ErrorClass.Killed, 1, true, 1, 2),
        (ErrorClass.HostLost, Always, false, 0, 0),
        (ErrorClass.CheckFailed, 2, true, 0, 0),
        (ErrorClass.Workspace, 1, true, 1, 2),
        (ErrorClass.PolicyViolation, 0, true, 0, 0),
        (ErrorClass.CommandAsked, 0, false, 0, 0),
    ];

    [Fact]
    public void Every_class_is_retried_as_the_table_says()
    {
        Assert.Equal(Enum.GetValues<ErrorClass>(), Table.Select(r => r.Class));
        Assert.All(
            Table,
            row =>
                Assert.Equal(
                    row,
                    (
                        row.Class,
                        RetrySchedule.RetriesMax(row.Class),
                        RetrySchedule.CountsAsTry(row.Class),
                        Seconds(row.Class, 1),
                        Seconds(row.Class, 2)
                    )
                )
        );
    }

    [Fact]
    public void A_wait_is_spread_by_its_jitter_and_nothing_else() =>
        Gen.Select(Gen.Enum<ErrorClass>(), Gen.Int[-5, 2_000], Gen.Double[-1, 2])
            .Sample(
                (errorClass, retry, jitter) =>
                {
                    var delay = RetrySchedule.Delay(errorClass, retry, jitter);
                    Assert.InRange(delay, TimeSpan.Zero, TimeSpan.FromSeconds(600));
                    Assert.InRange(
                        delay,
                        RetrySchedule.Delay(errorClass, retry, 0),
                        RetrySchedule.Delay(errorClass, retry, 1)
                    );
                }
            );

    [Fact]
    public void The_spread_is_from_085_to_135_and_a_wait_ends_at_ten_minutes()
    {
        Assert.Equal(1.7, RetrySchedule.Delay(ErrorClass.RateLimit, 1, 0).TotalSeconds, 6);
        Assert.Equal(2.7, RetrySchedule.Delay(ErrorClass.RateLimit, 1, 1).TotalSeconds, 6);
        Assert.Equal(2.2, RetrySchedule.Delay(ErrorClass.RateLimit, 0, 0.5).TotalSeconds, 6);
        Assert.Equal(TimeSpan.FromSeconds(600), RetrySchedule.Delay(ErrorClass.RateLimit, 99, 0));
        Assert.Equal(
            RetrySchedule.Delay(ErrorClass.Killed, 11, 0.3),
            RetrySchedule.Delay(ErrorClass.Killed, 12, 0.3)
        );
        Assert.True(
            RetrySchedule.Delay(ErrorClass.Workspace, 10, 0)
                > RetrySchedule.Delay(ErrorClass.Workspace, 9, 0)
        );
    }

    [Fact]
    public void Every_bad_end_has_a_sentence_of_its_own_that_says_what_to_do()
    {
        var sentences = Enum.GetValues<ErrorClass>()
            .Where(c => c != ErrorClass.None)
            .Select(RetrySchedule.SuggestedAction)
            .ToList();

        Assert.Equal("", RetrySchedule.SuggestedAction(ErrorClass.None));
        Assert.All(sentences, s => Assert.EndsWith(".", s, StringComparison.Ordinal));
        Assert.Equal(sentences.Count, sentences.Distinct().Count());
    }

    // The middle of the spread is 1.1.
    private static double Seconds(ErrorClass errorClass, int retry) =>
        Math.Round(RetrySchedule.Delay(errorClass, retry, 0.5).TotalSeconds / 1.1, 6);
}
