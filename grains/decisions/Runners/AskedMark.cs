using System.Text.Json;

namespace Orchestrator.Decisions.Runners;

/// <summary>
/// How the guard tells its run of a command that a person must allow: one line on its stderr, which the agent's stream
/// carries as it is and the agent itself is not told.
/// </summary>
public static class AskedMark
{
    private const string Begin = "guard-tool asks ";

    /// <summary>The line, without its end.</summary>
    public static string Write(AskedCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Begin
            + JsonSerializer.Serialize([call.Command, call.Folder], MarkJson.Default.StringArray);
    }

    /// <summary>What it says; null when it is no such line, in part or whole.</summary>
    public static AskedCall? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Begin, StringComparison.Ordinal))
        {
            return null;
        }
        try
        {
            return
                JsonSerializer.Deserialize(text[Begin.Length..], MarkJson.Default.StringArray)
                    is [{ Length: > 0 } command, { } folder]
                ? new AskedCall(command, folder)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The mark's JSON. Generated: the guard starts anew before each tool call.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class MarkJson : System.Text.Json.Serialization.JsonSerializerContext;
