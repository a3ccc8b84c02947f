using Orchestrator.Decisions.Failures;
using Xunit;

namespace Orchestrator.UnitTests.Failures;

public sealed class LoopFaultTests
{
    public static TheoryData<Exception, bool, bool> Cases =>
        new()
        {
            { new OperationCanceledException(), true, false },
            { new TaskCanceledException(), true, false },
            { new OperationCanceledException(), false, true },
            { new TaskCanceledException("by whoever was asked"), false, true },
            { new TimeoutException(), true, true },
            { new InvalidOperationException(), false, true },
            { new InsufficientMemoryException(), false, false },
            { new InsufficientMemoryException(), true, false },
        };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void A_loop_outlives_all_but_its_own_end(Exception e, bool ended, bool outlived) =>
        Assert.Equal(outlived, LoopFault.IsOutlived(e, new CancellationToken(ended)));
}
