using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Benchmarks.Workloads;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Mediation;
using Orchestrator.Grains.Policy;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Benchmarks.Product;

/// <summary>Step 1: the silo's own screen, whose ruling carries the payload.</summary>
internal sealed class StepScreen(RepositoryScreen own, Redactor redactor, ProductSubject subject)
    : IScreen
{
    /// <inheritdoc />
    public async Task<Ruling> ScreenAsync(TaskSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (subject.Parks)
        {
            var ruling = await own.ScreenAsync(spec, cancellationToken);
            return subject.ParksByApproval
                ? ruling with
                {
                    Verdict = Verdict.NeedsApproval,
                    Reason = "Parked.",
                }
                : ruling;
        }
        var task = Payload.TaskOf(spec.Request);
        await subject.Ledger.StepAsync(task, 1);
        return await own.ScreenAsync(spec, cancellationToken) with
        {
            Reason = redactor.Redact(Payload.Of(task, 1)),
        };
    }
}

/// <summary>Step 2: a local model that answers at once; its plan carries the payload in four success criteria.</summary>
internal sealed class StepModel(ProductSubject subject) : IMediatorModel
{
    private const string Before = "Request:\n";
    private const int Pieces = 4;
    private static readonly MediatorStatus Ready = new(true, true, "bench", "LLAMA", "");

    /// <inheritdoc />
    public async Task<ModelAnswer> AskAsync(
        ModelQuestion question,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(question);
        if (question.Job != "plan")
        {
            return new ModelAnswer("", "This model only plans.");
        }
        string[] criteria = [];
        if (!subject.Parks)
        {
            var task = Payload.TaskOf(question.Text.AsSpan(Before.Length));
            await subject.Ledger.StepAsync(task, 2);
            var text = Payload.Of(task, 2);
            criteria = [.. text.Chunk(Payload.Length / Pieces).Select(c => new string(c))];
        }
        var list = string.Join(',', criteria.Select(c => JsonSerializer.Serialize(c)));
        return new ModelAnswer(
            $$"""{"type":"analyze","title":"Look at it","target_files":[],"success_criteria":[{{list}}],"risk":"low"}""",
            ""
        );
    }

    /// <inheritdoc />
    public MediatorStatus Status() => Ready;

    /// <inheritdoc />
    public Task<MediatorStatus> ProbeAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Ready);
}

/// <summary>The runner kind of the benchmark's tasks; its agents live in <see cref="StepHost"/>.</summary>
internal sealed class StepRunner : IAgentRunner
{
    /// <summary>Its name.</summary>
    public const string Name = "bench";

    /// <inheritdoc />
    public string Kind => Name;

    /// <inheritdoc />
    public string Problem() => "";

    /// <inheritdoc />
    public AgentStart Make(RunOrder order, WorkspaceInfo workspace, string runId) =>
        throw new UnreachableException("No process is started for these tasks.");
}
