using System.Text.Json;
using Orchestrator.Decisions.Runners;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// <c>orchestrator-silo guard-tool ORDER</c>: the PreToolUse hook of a run. Reads the call from stdin and says nothing, or
/// denies it on stdout. 0 = judged; 2 = the guard itself does not work, which denies too and ends the run.
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
            var denial = ToolGuard.Denial(
                order,
                input.GetBuffer().AsMemory(0, (int)input.Length),
                RealPath.Of
            );
            if (denial.Length > 0)
            {
                using var output = openOutput();
                using var json = new Utf8JsonWriter(output);
                json.WriteStartObject();
                json.WriteStartObject("hookSpecificOutput");
                json.WriteString("hookEventName", "PreToolUse");
                json.WriteString("permissionDecision", "deny");
                json.WriteString(
                    "permissionDecisionReason",
                    $"{denial} (lane {order.Lane}, guard of the tools)"
                );
                json.WriteEndObject();
                json.WriteEndObject();
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

    private static byte[] ReadAll(string file) =>
        new FileInfo(file).Length <= GuardOrder.BytesMax
            ? File.ReadAllBytes(file)
            : throw new IOException($"{file} is longer than {GuardOrder.BytesMax} bytes.");
}
