using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Mediation;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints for operators.</summary>
internal static class OperationEndpoints
{
    private static readonly string[] Scopes = ["read", "submit", "operate", "admin"];

    /// <summary>Maps them.</summary>
    public static void MapOperations(this WebApplication app)
    {
        app.MapGet("/v1/status", StatusAsync);
        app.MapGet(
            "/v1/stats",
            async (IStatsStore stats, CancellationToken token) =>
                ApiHosting.Json(await stats.ReadAsync(token), OrchestratorJson.Compact.StatsReport)
        );
        app.MapGet("/v1/doctor", DoctorAsync);
        app.MapGet("/v1/events", FactStream.OfAllAsync);
        app.MapGet(
            "/v1/tokens",
            async (ITokenStore tokens, CancellationToken token) =>
                ApiHosting.Json(
                    new TokenList(await tokens.ListAsync(token)),
                    OrchestratorJson.Compact.TokenList
                )
        );
        app.MapPost("/v1/tokens", CreateTokenAsync);
        app.MapDelete("/v1/tokens/{id}", RevokeTokenAsync);
        app.MapPost(
            "/v1/stop",
            (IHostApplicationLifetime lifetime) =>
            {
                lifetime.StopApplication();
                return Results.Text("stopping");
            }
        );
    }

    private static async Task<IResult> StatusAsync(
        ITaskIndex index,
        IGrainFactory grains,
        IRunHost host,
        IMediatorModel model,
        SiloDiscoveryFile discovery,
        IEnumerable<IAgentRunner> runners,
        CancellationToken token
    )
    {
        var counts = await index.CountAsync(token);
        var queue = await grains.GetGrain<IQueueGrain>(TaskEffects.Pool).GetStatusAsync(token);
        long Of(params TaskPhase[] phases) => phases.Sum(p => counts.GetValueOrDefault(p));
        var mediator = model.Status();
        var report = new StatusReport
        {
            Version = SiloDiscoveryFile.Version,
            StartedAt = discovery.StartedAt,
            DataDirectory = discovery.DataDirectory,
            Components =
            [
                .. runners.Select(r => new ComponentStatus(
                    "runner " + r.Kind,
                    r.Problem().Length == 0,
                    r.Problem().Length == 0 ? "ready" : r.Problem()
                )),
                new ComponentStatus(
                    "mediator",
                    mediator.Mode == "LLAMA",
                    mediator.Mode == "LLAMA" ? mediator.Model : "FALLBACK: " + mediator.Reason
                ),
            ],
            Phases = counts.ToDictionary(
                c => JsonNamingPolicy.SnakeCaseLower.ConvertName(c.Key.ToString()),
                c => c.Value
            ),
            Active = Of(
                TaskPhase.Preparing,
                TaskPhase.Running,
                TaskPhase.Validating,
                TaskPhase.Delivering
            ),
            Queued = Of(TaskPhase.Queued, TaskPhase.Received, TaskPhase.Mediating),
            Completed = Of(TaskPhase.Done, TaskPhase.InReview),
            Failed = Of(TaskPhase.Failed),
            Queue = queue,
            Hosts = [host.Snapshot()],
            Mediator = mediator,
        };
        return ApiHosting.Json(report, OrchestratorJson.Compact.StatusReport);
    }

    private static async Task<IResult> DoctorAsync(
        SiloDiscoveryFile discovery,
        IEnumerable<IAgentRunner> runners,
        GitCli git,
        ProcessGroupStarter starter,
        IJournal journal,
        IMediatorModel model,
        CancellationToken token
    )
    {
        var checks = new List<DoctorCheck>();
        var disk = new DriveInfo(Path.GetPathRoot(discovery.DataDirectory)!);
        var free = disk.AvailableFreeSpace / (1024 * 1024);
        checks.Add(
            new DoctorCheck(
                "data directory",
                free < 1_024 ? "warn" : "ok",
                $"{discovery.DataDirectory}, {free} MiB free",
                free < 1_024 ? "Free some disk space." : ""
            )
        );
        checks.AddRange(
            runners.Select(r => new DoctorCheck(
                "runner " + r.Kind,
                r.Problem().Length == 0 ? "ok" : "warn",
                r.Problem().Length == 0 ? "ready" : "cannot run",
                r.Problem()
            ))
        );
        try
        {
            checks.Add(
                new DoctorCheck(
                    "git",
                    "ok",
                    await git.TextAsync(discovery.DataDirectory, ["--version"], token),
                    ""
                )
            );
        }
        catch (GitException e)
        {
            checks.Add(
                new DoctorCheck("git", "fail", e.Message, "Install git and restart the silo.")
            );
        }
        checks.Add(
            OperatingSystem.IsLinux() && !starter.Contains
                ? new DoctorCheck(
                    "process containment",
                    "warn",
                    "bubblewrap is not usable: process trees are found by their marker",
                    "Install bubblewrap."
                )
                : new DoctorCheck(
                    "process containment",
                    "ok",
                    OperatingSystem.IsLinux() ? "bubblewrap" : "by the operating system",
                    ""
                )
        );
        var breaks = await journal.VerifyChainAsync(null, token);
        checks.Add(
            new DoctorCheck(
                "journal",
                breaks.Count == 0 ? "ok" : "fail",
                breaks.Count == 0 ? "hash chain verifies" : breaks[0],
                breaks.Count == 0 ? "" : "Restore a backup; keep the damaged file."
            )
        );
        var mediator = await model.ProbeAsync(token);
        checks.Add(
            mediator.ClientInitialized
                ? new DoctorCheck(
                    "mediator",
                    mediator.Mode == "LLAMA" ? "ok" : "warn",
                    $"{mediator.Mode}, model {mediator.Model}",
                    mediator.Reason
                )
                : new DoctorCheck("mediator", "ok", $"{mediator.Mode}: {mediator.Reason}", "")
        );
        return ApiHosting.Json(new DoctorReport(checks), OrchestratorJson.Compact.DoctorReport);
    }

    private static async Task<IResult> CreateTokenAsync(
        HttpContext context,
        ITokenStore tokens,
        TimeProvider time
    )
    {
        var body = await JsonSerializer.DeserializeAsync(
            context.Request.Body,
            OrchestratorJson.Default.TokenRequest,
            context.RequestAborted
        );
        if (
            body?.Name is not { } name
            || !SubmissionReader.IsId(name)
            || body.Scopes is not { Count: > 0 } scopes
            || scopes.Any(s => !Scopes.Contains(s))
            || body.Days is < 1 or > 3_650
        )
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.InvalidRequest,
                    $"A token needs a name (A-Z a-z 0-9 . _ -, at most 64) and scopes of {string.Join(", ", Scopes)}; days, if given, 1 to 3,650."
                )
            );
        }
        var secret =
            "orc_"
            + Convert
                .ToBase64String(RandomNumberGenerator.GetBytes(32))
                .TrimEnd('=')
                .Replace('+', '-')
                .Replace('/', '_');
        var now = time.GetUtcNow();
        var id = "tok_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        var info = new TokenInfo(
            id,
            name,
            scopes,
            now,
            body.Days is { } days ? now.AddDays(days) : null,
            null,
            null
        );
        await tokens.AddAsync(
            info,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))),
            context.RequestAborted
        );
        return ApiHosting.Json(
            info with
            {
                Secret = secret,
            },
            OrchestratorJson.Compact.TokenInfo,
            201
        );
    }

    private static async Task<IResult> RevokeTokenAsync(
        ITokenStore tokens,
        TimeProvider time,
        string id,
        CancellationToken token
    ) =>
        await tokens.RevokeAsync(id, time.GetUtcNow(), token)
            ? Results.NoContent()
            : ApiHosting.Problem(
                new Failure(
                    FailureCodes.NotFound,
                    $"There is no token '{id}'. 'orchestrator token list' shows them."
                )
            );
}
