using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners;

/// <summary>How a call of the agent ended.</summary>
/// <param name="Error">None when it answered.</param>
/// <param name="Said">Why it did not; else its answer.</param>
/// <param name="Model">The model that answered, or empty.</param>
/// <param name="CostUsd">What it cost, US dollars.</param>
internal sealed record LoginTrial(ErrorClass Error, string Said, string Model, decimal CostUsd);

internal sealed partial class ClaudeCodeRunner
{
    private const int TrialBytesMax = 1024 * 1024;

    /// <summary>The longest a trial may take.</summary>
    public static readonly TimeSpan TrialTimeMax = TimeSpan.FromSeconds(90);

    /// <summary>Asks the model for one word, as an agent of a task would: same program, folders, variables. It costs a few tokens.</summary>
    /// <exception cref="InvalidOperationException">There is no program, or it cannot be started.</exception>
    public async Task<LoginTrial> TryLoginAsync(CancellationToken cancellationToken)
    {
        var executable = Find(out var problem) ?? throw new InvalidOperationException(problem);
        var id = "doctor-" + Guid.NewGuid().ToString("N");
        var temporary = Path.Combine(folders.Data, "tmp", id);
        RunFolders.Private(temporary);
        try
        {
            List<string> arguments =
            [
                "-p",
                "--output-format",
                "stream-json",
                "--verbose",
                "--permission-mode",
                "dontAsk",
                "--setting-sources",
                "",
                "--strict-mcp-config",
                "--disable-slash-commands",
                "--max-turns",
                "1",
            ];
            if (settings.Model.Length > 0)
            {
                arguments.AddRange(["--model", settings.Model]);
            }
            var run = await starter.CaptureAsync(
                new ProcessOrder(executable, arguments, temporary, EnvironmentFor(temporary), id),
                TrialTimeMax,
                TrialBytesMax,
                time,
                cancellationToken,
                "Answer with the one word OK."u8.ToArray()
            );
            var reader = new RunOutputReader();
            reader.Push(run.Output);
            reader.Finish();
            var (error, message, _) = RunEnding.Classify(
                reader,
                run.ExitCode,
                run.Tail,
                run.TimedOut ? StopCause.WallClock : StopCause.None
            );
            return new LoginTrial(
                error,
                error == ErrorClass.None ? reader.Result?.Text ?? "" : message,
                reader.Model,
                reader.Result?.SessionCostUsd ?? 0
            );
        }
        finally
        {
            await FolderRemoval.RemoveAsync(temporary, time, CancellationToken.None);
        }
    }
}
