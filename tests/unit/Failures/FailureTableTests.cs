using System.Reflection;
using Orchestrator.Decisions.Failures;
using Orchestrator.GrainInterfaces.Failures;
using Xunit;

namespace Orchestrator.UnitTests.Failures;

public sealed class FailureTableTests
{
    private static readonly (string Code, int Status, int ExitCode)[] Table =
    [
        (FailureCodes.InvalidRequest, 400, 2),
        (FailureCodes.InvalidConfiguration, 400, 2),
        (FailureCodes.PathOutsideRoot, 400, 2),
        (FailureCodes.RepositoryUnusable, 400, 2),
        (FailureCodes.Unauthorized, 401, 9),
        (FailureCodes.TokenExpired, 401, 9),
        (FailureCodes.Forbidden, 403, 9),
        (FailureCodes.PolicyDenied, 403, 3),
        (FailureCodes.NeedsApproval, 409, 4),
        (FailureCodes.NotFound, 404, 1),
        (FailureCodes.NotPossibleNow, 409, 1),
        (FailureCodes.Conflict, 409, 1),
        (FailureCodes.QueueFull, 429, 8),
        (FailureCodes.Throttled, 429, 8),
        (FailureCodes.Unavailable, 503, 6),
        (FailureCodes.StorageFailed, 503, 1),
        (FailureCodes.RunnerUnavailable, 503, 1),
        (FailureCodes.AgentAuth, 500, 1),
        (FailureCodes.AgentFailed, 500, 1),
        (FailureCodes.TimedOut, 500, 1),
        (FailureCodes.CheckFailed, 500, 1),
        (FailureCodes.Internal, 500, 1),
    ];

    [Fact]
    public void A_code_has_the_status_and_exit_code_of_the_table() =>
        Assert.All(
            Table,
            row =>
                Assert.Equal(
                    row,
                    (row.Code, FailureTable.Status(row.Code), FailureTable.ExitCode(row.Code))
                )
        );

    [Fact]
    public void Every_code_of_the_product_is_in_the_table()
    {
        var codes = typeof(FailureCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => (string)f.GetValue(null)!);

        Assert.Equal(codes.Order(), Table.Select(r => r.Code).Order());
    }

    [Fact]
    public void A_code_nobody_knows_is_a_defect_of_the_server() =>
        Assert.Equal((500, 1), (FailureTable.Status("new"), FailureTable.ExitCode("new")));
}
