using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Benchmarks.Workloads;

/// <summary>The figures of one run. What a workload does not measure is absent.</summary>
internal sealed record WorkloadResult
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary><c>w1</c> to <c>w4</c>.</summary>
    public string Workload { get; init; } = "";

    /// <summary>The engine.</summary>
    public string Subject { get; init; } = "";

    /// <summary><c>sqlite</c> or <c>postgresql</c>.</summary>
    public string Store { get; init; } = "";

    /// <summary>The round, from 1.</summary>
    public int Round { get; init; }

    /// <summary>Counted tasks.</summary>
    public int Tasks { get; init; }

    /// <summary>Loops, and handlers at once.</summary>
    public int Flight { get; init; }

    /// <summary>Wall clock of the counted part.</summary>
    public double? Seconds { get; init; }

    /// <summary>Tasks ended, or parked, a second.</summary>
    public double? TasksPerSecond { get; init; }

    /// <summary>Steps a second.</summary>
    public double? TransitionsPerSecond { get; init; }

    /// <summary>Submission to the eighth acknowledgment, milliseconds.</summary>
    public double? WholeP50Ms { get; init; }

    /// <summary>The same, 99th percentile.</summary>
    public double? WholeP99Ms { get; init; }

    /// <summary>Submission to its answer.</summary>
    public double? AcceptP50Ms { get; init; }

    /// <summary>W2: submission's call to the first line of step 1.</summary>
    public double? CallToStepP50Ms { get; init; }

    /// <summary>The same, 99th percentile.</summary>
    public double? CallToStepP99Ms { get; init; }

    /// <summary>W2: submission's return to the first line of step 1; negative = before the return.</summary>
    public double? ReturnToStepP50Ms { get; init; }

    /// <summary>The same, 99th percentile.</summary>
    public double? ReturnToStepP99Ms { get; init; }

    /// <summary>W2, product only: submission's call to the first line of the agent's run.</summary>
    public double? CallToRunP50Ms { get; init; }

    /// <summary>The same, 99th percentile.</summary>
    public double? CallToRunP99Ms { get; init; }

    /// <summary>Processor seconds per 1,000 tasks, application and PostgreSQL, until the background work is done.</summary>
    public double? CpuSecondsPer1k { get; init; }

    /// <summary>The application's part.</summary>
    public double? AppCpuSecondsPer1k { get; init; }

    /// <summary>PostgreSQL's part.</summary>
    public double? PgCpuSecondsPer1k { get; init; }

    /// <summary>As <see cref="CpuSecondsPer1k"/>, read at the last acknowledgment.</summary>
    public double? CpuSecondsPer1kAtLastAck { get; init; }

    /// <summary>Write-ahead log bytes a task.</summary>
    public double? WalBytesPerTask { get; init; }

    /// <summary>Growth of the database a task.</summary>
    public double? DbBytesPerTask { get; init; }

    /// <summary>Resident memory at the end, MB.</summary>
    public double? RssMb { get; init; }

    /// <summary>Executions of steps beyond the first.</summary>
    public int? DoubledSteps { get; init; }

    /// <summary>Steps never executed.</summary>
    public int? LostSteps { get; init; }

    /// <summary>W3: managed heap a task.</summary>
    public double? HeapBytesEach { get; init; }

    /// <summary>W3: objects that the engine keeps active for the parked tasks.</summary>
    public long? Active { get; init; }

    /// <summary>W3: percent of a core, application, before the tasks came.</summary>
    public double? EmptyIdleAppPercent { get; init; }

    /// <summary>W3: percent of a core, PostgreSQL, before.</summary>
    public double? EmptyIdlePgPercent { get; init; }

    /// <summary>W3: percent of a core, application, with the tasks parked.</summary>
    public double? IdleAppPercent { get; init; }

    /// <summary>W3: percent of a core, PostgreSQL, with the tasks parked.</summary>
    public double? IdlePgPercent { get; init; }

    /// <summary>W4: from the last step before the kill to the first one after it, seconds.</summary>
    public double? FirstStepSeconds { get; init; }

    /// <summary>W4: steps that were under way at the kill.</summary>
    public int? Interrupted { get; init; }

    /// <summary>W4: tasks of those that ran a step again.</summary>
    public int? RunAgain { get; init; }

    /// <summary>W4: from the last step before the kill until half of them did, seconds.</summary>
    public double? RunAgainP50Seconds { get; init; }

    /// <summary>W4: until all of them did.</summary>
    public double? RunAgainMostSeconds { get; init; }

    /// <summary>W4: tasks whose eighth step began, within 60 s after the kill.</summary>
    public int? Finished { get; init; }

    /// <summary>W4: executions of steps beyond the first.</summary>
    public int? RepeatedSteps { get; init; }

    /// <summary>What the checks after the run found; empty = all is well.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>Reads one.</summary>
    public static WorkloadResult Read(string json) =>
        JsonSerializer.Deserialize<WorkloadResult>(json, Json)!;

    /// <summary>As JSON.</summary>
    public string Write() => JsonSerializer.Serialize(this, Json);
}
