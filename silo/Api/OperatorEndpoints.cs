using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Metrics;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints of what operators steer and repair: drained hosts, dead letters, the metrics file.</summary>
internal static class OperatorEndpoints
{
    private const int ReplayMax = 1_000;
    private const int PageDefault = 100;

    /// <summary>Maps them.</summary>
    public static void MapOperators(this WebApplication app)
    {
        app.MapGet("/v1/dead-letters", ListAsync)
            .Is(
                "list_dead_letters",
                ScopeNeeded.Read,
                "Deliveries that a subscriber gave up, oldest first."
            )
            .Answers<DeadLetterPage>();
        app.MapPost("/v1/dead-letters/replay", ReplayAsync)
            .Is(
                "replay_dead_letters",
                ScopeNeeded.Operate,
                "Deliver letters again; one that was replayed before is a success and delivers nothing."
            )
            .Takes<ReplayRequest>()
            .Answers<ReplayReport>();
        app.MapGet("/v1/hosts", HostsAsync)
            .Is(
                "list_hosts",
                ScopeNeeded.Read,
                "The runner hosts: state, slots, labels, what runs there."
            )
            .Answers<HostList>();
        app.MapPut(
                "/v1/hosts/{host}/drain",
                (IGrainFactory grains, IHostRegistry hosts, string host, CancellationToken token) =>
                    DrainAsync(grains, hosts, host, drained: true, token)
            )
            .Is(
                "drain_host",
                ScopeNeeded.Operate,
                "Give a host no new runs; those that run go on. Outlives a restart.",
                FailureCodes.NotFound
            )
            .Answers<WorkReport>();
        app.MapDelete(
                "/v1/hosts/{host}/drain",
                (IGrainFactory grains, IHostRegistry hosts, string host, CancellationToken token) =>
                    DrainAsync(grains, hosts, host, drained: false, token)
            )
            .Is(
                "undrain_host",
                ScopeNeeded.Operate,
                "Let a drained host take runs again.",
                FailureCodes.NotFound
            )
            .Answers<WorkReport>();
        app.MapPut(
                "/v1/estop",
                (IGrainFactory grains, HttpContext context, CancellationToken token) =>
                    StopAllAsync(grains, context, stopped: true, token)
            )
            .Is(
                "stop_everything",
                ScopeNeeded.Operate,
                "Emergency stop: end every run now and begin none. Turns are queued again; nothing is lost. Outlives a restart."
            )
            .Answers<WorkReport>();
        app.MapDelete(
                "/v1/estop",
                (IGrainFactory grains, HttpContext context, CancellationToken token) =>
                    StopAllAsync(grains, context, stopped: false, token)
            )
            .Is("release_everything", ScopeNeeded.Operate, "End the emergency stop: work goes on.")
            .Answers<WorkReport>();
        app.MapGet("/v1/accounts", AccountsAsync)
            .Is(
                "list_accounts",
                ScopeNeeded.Read,
                "The agents' accounts, and which wait for the end of a usage limit."
            )
            .Answers<AccountList>();
        app.MapPut("/v1/accounts/{account}/open", OpenAccountAsync)
            .Is(
                "open_account",
                ScopeNeeded.Operate,
                "Let the work of an agent account go on before the end of its usage limit.",
                FailureCodes.NotFound
            )
            .Answers<WorkReport>();
        app.MapPut("/v1/stats/file", WriteAsync)
            .Is(
                "write_stats",
                ScopeNeeded.Operate,
                "Write logs/metrics.json now; its path is in the answer."
            )
            .Answers<WorkReport>();
    }

    private static async Task<IResult> StopAllAsync(
        IGrainFactory grains,
        HttpContext context,
        bool stopped,
        CancellationToken token
    )
    {
        var by = (string)context.Items[Authentication.Requester]!;
        var answer = await grains
            .GetGrain<IQueueGrain>(TaskEffects.Pool)
            .StopAllAsync(stopped, by, token);
        return ApiHosting.Json(
            new WorkReport(
                answer.Changed ? answer.Told : [],
                answer.Changed ? [] : answer.Told,
                [
                    .. answer.Untold.Select(h =>
                        $"Host {h} was not reached; it is told when it registers again, and ends its runs by itself when its lease lapses."
                    ),
                ]
            ),
            OrchestratorJson.Compact.WorkReport
        );
    }

    private static async Task<IResult> AccountsAsync(
        IGrainFactory grains,
        CancellationToken token
    ) =>
        ApiHosting.Json(
            new AccountList(await KnownAccountsAsync(grains, token)),
            OrchestratorJson.Compact.AccountList
        );

    private static async Task<IReadOnlyList<UsageWindow>> KnownAccountsAsync(
        IGrainFactory grains,
        CancellationToken token
    ) => (await grains.GetGrain<IQueueGrain>(TaskEffects.Pool).GetStatusAsync(token)).Accounts;

    private static async Task<IResult> OpenAccountAsync(
        IGrainFactory grains,
        string account,
        CancellationToken token
    )
    {
        var known = await KnownAccountsAsync(grains, token);
        if (!known.Any(w => w.Account == account))
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.NotFound,
                    $"No host uses the agent account '{(account.Length > 80 ? account[..80] : account)}'. Known: {string.Join(", ", known.Select(w => w.Account))}."
                )
            );
        }
        var grain = grains.GetGrain<IAgentAccountGrain>(account);
        var closed = (await grain.GetAsync(token)).ClosedUntil is not null;
        await grain.OpenAsync(token);
        return ApiHosting.Json(
            new WorkReport(closed ? [account] : [], closed ? [] : [account], []),
            OrchestratorJson.Compact.WorkReport
        );
    }

    private static async Task<IResult> WriteAsync(MetricsFile file, CancellationToken token) =>
        ApiHosting.Json(
            new WorkReport([await file.WriteAsync(token)], [], []),
            OrchestratorJson.Compact.WorkReport
        );

    private static async Task<IResult> HostsAsync(
        IGrainFactory grains,
        IHostRegistry hosts,
        CancellationToken token
    ) =>
        ApiHosting.Json(
            new HostList(await HostViews.ListAsync(grains, hosts, token)),
            OrchestratorJson.Compact.HostList
        );

    private static async Task<IResult> DrainAsync(
        IGrainFactory grains,
        IHostRegistry hosts,
        string host,
        bool drained,
        CancellationToken token
    )
    {
        var known = await hosts.ListAsync(token);
        if (!known.Any(h => string.Equals(h.Host, host, StringComparison.OrdinalIgnoreCase)))
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.NotFound,
                    $"There is no host '{host}'. Known: {string.Join(", ", known.Select(h => h.Host))}."
                )
            );
        }
        var changed = await grains
            .GetGrain<IQueueGrain>(TaskEffects.Pool)
            .DrainAsync(host, drained, token);
        return ApiHosting.Json(
            changed ? new WorkReport([host], [], []) : new WorkReport([], [host], []),
            OrchestratorJson.Compact.WorkReport
        );
    }

    private static async Task<IResult> ListAsync(
        ICursorStore cursors,
        string? subscriber,
        string? after,
        string? max,
        bool? replayed,
        CancellationToken token
    )
    {
        RequireKnown(subscriber);
        var size = (int)Bodies.Number("max", max, PageDefault, 1, ReplayMax);
        var letters = await cursors.ListBuriedAsync(
            string.IsNullOrEmpty(subscriber) ? null : subscriber,
            Bodies.Number("after", after, 0, 0, long.MaxValue),
            size,
            replayed ?? false,
            token
        );
        return ApiHosting.Json(
            new DeadLetterPage(
                [
                    .. letters.Select(l => new DeadLetterInfo(
                        l.Id,
                        l.Subscriber,
                        l.Partition,
                        l.TaskId,
                        l.Position,
                        l.Error,
                        l.Attempts,
                        l.At,
                        l.ReplayedAt
                    )),
                ],
                await cursors.CountBuriedAsync(token),
                letters.Count == size ? letters[^1].Id : null
            ),
            OrchestratorJson.Compact.DeadLetterPage
        );
    }

    private static async Task<IResult> ReplayAsync(
        HttpContext context,
        ICursorStore cursors,
        IGrainFactory grains
    )
    {
        var body = await Bodies.ReadAsync<ReplayRequest>(context);
        if (body.All == body.Ids is not null || body.Ids is { Count: 0 or > ReplayMax })
        {
            throw Bodies.Refuse(
                $"Say which dead letters: either 'ids' with 1 to {ReplayMax} numbers, or 'all': true."
            );
        }
        RequireKnown(body.Subscriber);
        var ids = body.Ids ?? await OpenAsync(cursors, body.Subscriber, context.RequestAborted);
        var replayed = new List<long>();
        var failed = new List<ReplayFailure>();
        foreach (var id in ids.Distinct())
        {
            var letter = await cursors.FindBuriedAsync(id, context.RequestAborted);
            var subscriber = letter is null
                ? null
                : Subscribers.Of(grains, letter.Subscriber, letter.Partition);
            var failure = subscriber is null
                ? new Failure(
                    FailureCodes.NotFound,
                    letter is null
                        ? $"There is no dead letter {id}. 'orchestrator dead-letters list' shows them."
                        : $"Nobody here takes letters of '{letter.Subscriber}'. Known: {string.Join(", ", Subscribers.Kinds)}."
                )
                : await subscriber.ReplayAsync(id, context.RequestAborted);
            if (failure is null)
            {
                replayed.Add(id);
            }
            else
            {
                failed.Add(new ReplayFailure(id, failure.Message));
            }
        }
        return ApiHosting.Json(
            new ReplayReport(replayed, failed),
            OrchestratorJson.Compact.ReplayReport
        );
    }

    private static async Task<IReadOnlyList<long>> OpenAsync(
        ICursorStore cursors,
        string? subscriber,
        CancellationToken token
    )
    {
        var letters = await cursors.ListBuriedAsync(
            string.IsNullOrEmpty(subscriber) ? null : subscriber,
            0,
            ReplayMax,
            replayed: false,
            token
        );
        return [.. letters.Select(l => l.Id)];
    }

    private static void RequireKnown(string? subscriber)
    {
        if (!string.IsNullOrEmpty(subscriber) && !Subscribers.Kinds.Contains(subscriber))
        {
            throw Bodies.Refuse(
                $"'{subscriber}' is no subscriber. Known: {string.Join(", ", Subscribers.Kinds)}."
            );
        }
    }
}
