using System.IO.Compression;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Silo.Runners;

// What an attempt leaves: its end in words, its diff, its output.
internal sealed partial class AgentRun
{
    private async Task<RunResult> ResultAsync(
        AgentStart start,
        WorkspaceInfo workspace,
        int exitCode,
        long started
    )
    {
        var (errorClass, message, reset) = RunEnding.Classify(reader, exitCode, stderrTail, cause);
        message =
            cause != StopCause.Policy ? message
            : lane.Violation.Length > 0 ? $"{message} {lane.Violation}"
            : $"The run was stopped. {reader.GuardFailure}";
        message = cause == StopCause.SandboxLimit ? $"{message} {breach}" : message;
        var diff = new DiffSummary { BaseCommit = workspace.BaseCommit };
        try
        {
            diff = await services.Capture.TakeAsync(
                order.Spec.Repository,
                workspace.Worktree,
                workspace.BaseCommit,
                CancellationToken.None
            );
        }
        catch (Exception e) when (e is GitException or IOException or UnauthorizedAccessException)
        {
            // The agent's own end stays told; work that cannot be taken is no success.
            if (errorClass == ErrorClass.None)
            {
                errorClass = ErrorClass.Workspace;
            }
            message = $"{message} The work could not be captured: {e.Message}".Trim();
        }
        var result = reader.Result ?? new RunResultLine();
        var redactor = services.Redactor;
        return new RunResult
        {
            ErrorClass = errorClass,
            Message = redactor.Redact(message),
            ExitCode = cause is StopCause.None or StopCause.CommandAsked ? exitCode : -2,
            ResultText = redactor.Redact(result.Text),
            DurationSeconds = Elapsed(started),
            Usage = new RunUsage(
                result.InputTokens,
                result.OutputTokens,
                result.CacheReadTokens,
                result.CacheWriteTokens,
                Math.Max(0, result.SessionCostUsd - (order.Resume ? order.SessionCostUsd : 0)),
                result.SessionCostUsd,
                result.Turns
            ),
            Diff = diff,
            OutputBlob = await StoreOutputAsync(),
            SessionBlob = await checkpoints.KeepSessionAsync(
                start.Process.WorkingDirectory,
                CancellationToken.None
            ),
            StderrTail = stderrTail,
            Denials = [.. reader.Denials.Concat(refused).Take(DenialsMax).Select(redactor.Redact)],
            ResetAt = reset,
            SessionId = reader.SessionId,
            Model = reader.Model,
            AgentVersion = reader.Version,
            SkippedLines = reader.SkippedLines,
            ToolCalls = reader.ToolCalls,
            AgentLabel = start.Info.Label,
            Sandbox = services.Sandbox.Kind,
            SandboxLimits = services.Sandbox.Limits,
            Asked = errorClass == ErrorClass.CommandAsked ? Asked(reader.Asked!) : null,
        };
    }

    // The exact line is known to the agent and by its hash alone: it may hold a secret, and what is shown does not.
    private AskedCommand Asked(AskedCall call) =>
        new(Shown(call.Command), Shown(call.Folder), call.Hash);

    // Once as it is, and once as it is shown: what is written as a code may have cut a secret's shape.
    private string Shown(string text) =>
        services.Redactor.Redact(CommandText.Shown(services.Redactor.Redact(text)));

    private async Task<string> StoreOutputAsync()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await captured.WriteAsync(gzip, CancellationToken.None);
        }
        return await services.Blobs.PutAsync(packed.ToArray(), CancellationToken.None);
    }
}
