using System.Text.Json;
using Orchestrator.Decisions.Runners;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// <c>orchestrator-silo guard-tool ORDER</c>: the PreToolUse hook of a run. Reads the call from stdin and says nothing, or
/// denies or grants it on stdout. 0 = judged; 2 = the guard itself does not work, which denies too and ends the run. A
/// command that a person must allow is denied and ends the run's turn at once (<c>continue: false</c>, measured with
/// 2.1.330: no further call of the model is made); what it is stands on stderr, for the run alone.
/// </summary>
internal static class ToolGuardCommand
{
    /// <summary>The verb.</summary>
    public const string Verb = "guard-tool";

    private const int Broken = 2;

    /// <summary>Judges one call.</summary>
    public static int Run(
        string orderFile,
        Func<Stream> openCall,
        Func<Stream> openOutput,
        TextWriter error
    )
    {
        try
        {
            if (GuardOrder.Read(ReadAll(orderFile)) is not { } order)
            {
                error.WriteLine("guard-tool: the order is none: " + orderFile);
                return Broken;
            }
            using var call = openCall();
            using var input = new MemoryStream();
            call.CopyTo(input);
            var verdict = ToolGuard.Judge(
                order,
                input.GetBuffer().AsMemory(0, (int)input.Length),
                RealPath.Of
            );
            if (verdict.Denial.Length > 0 || verdict.Granted)
            {
                Answer(openOutput, order, verdict);
            }
            if (verdict.Asked is { } asked)
            {
                error.WriteLine(AskedMark.Write(asked));
            }
            return 0;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Any other exit code would let the call through.
            error.WriteLine("guard-tool: " + e.Message);
            return Broken;
        }
    }

    private static void Answer(Func<Stream> openOutput, GuardOrder order, ToolVerdict verdict)
    {
        using var output = openOutput();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        if (verdict.Asked is not null)
        {
            json.WriteBoolean("continue", false);
            json.WriteString("stopReason", verdict.Denial);
        }
        json.WriteStartObject("hookSpecificOutput");
        json.WriteString("hookEventName", "PreToolUse");
        json.WriteString("permissionDecision", verdict.Granted ? "allow" : "deny");
        json.WriteString(
            "permissionDecisionReason",
            verdict.Granted
                ? "A person allowed this command (guard of the tools)"
                : $"{verdict.Denial} (lane {order.Lane}, guard of the tools)"
        );
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static byte[] ReadAll(string file) =>
        new FileInfo(file).Length <= GuardOrder.BytesMax
            ? File.ReadAllBytes(file)
            : throw new IOException($"{file} is longer than {GuardOrder.BytesMax} bytes.");
}
