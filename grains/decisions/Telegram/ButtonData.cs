using System.Text;
using Orchestrator.Decisions.Tasks;

namespace Orchestrator.Decisions.Telegram;

/// <summary>What a button does.</summary>
public enum ButtonAct
{
    /// <summary>Nothing that is known here any more.</summary>
    Unknown = 0,

    /// <summary>Say yes to what is asked.</summary>
    Approve = 1,

    /// <summary>Say no.</summary>
    Reject = 2,

    /// <summary>Send the diff.</summary>
    Diff = 3,

    /// <summary>Another turn.</summary>
    Retry = 4,

    /// <summary>Stop it.</summary>
    Cancel = 5,

    /// <summary>More about the task.</summary>
    More = 6,

    /// <summary>Do what was written.</summary>
    Go = 7,

    /// <summary>Forget what was written.</summary>
    Forget = 8,
}

/// <summary>A button under a message.</summary>
/// <param name="Label">What people read.</param>
/// <param name="Data">What a tap brings back; 1 to 64 bytes.</param>
public sealed record ChatButton(string Label, string Data);

/// <summary>
/// What a button carries, in at most 64 bytes: act, the beginning of the diff's hash that it is about, and the task's id where
/// it fits. Where it does not, the message that the button is under is known to be about the task.
/// </summary>
/// <param name="Act">What it does.</param>
/// <param name="Hash">First 12 hex digits of the diff's hash; empty = none.</param>
/// <param name="Subject">The task's id, or the number of the update that was asked about; empty = see the message.</param>
public sealed record ButtonData(ButtonAct Act, string Hash, string Subject)
{
    /// <summary>Most bytes that the host takes.</summary>
    public const int BytesMax = 64;

    private const int HashDigits = 12;

    private static readonly (ButtonAct Act, string Word)[] Words =
    [
        (ButtonAct.Approve, "ok"),
        (ButtonAct.Reject, "no"),
        (ButtonAct.Diff, "df"),
        (ButtonAct.Retry, "rt"),
        (ButtonAct.Cancel, "cx"),
        (ButtonAct.More, "mo"),
        (ButtonAct.Go, "go"),
        (ButtonAct.Forget, "fo"),
    ];

    /// <summary>The data of a button.</summary>
    public static string Write(ButtonAct act, string hash, string subject)
    {
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentNullException.ThrowIfNull(subject);
        var word = Words.First(w => w.Act == act).Word;
        var head = $"{word}:{(hash.Length > HashDigits ? hash[..HashDigits] : hash)}:";
        var whole = head + subject;
        return Encoding.UTF8.GetByteCount(whole) <= BytesMax ? whole : head;
    }

    /// <summary>What a tap brought back. Anybody can send anything: a subject is only ever an id by its form.</summary>
    public static ButtonData Read(string data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var parts = data.Split(':');
        if (parts.Length != 3 || data.Length > BytesMax)
        {
            return new ButtonData(ButtonAct.Unknown, "", "");
        }
        var act = Words.FirstOrDefault(w => w.Word == parts[0]).Act;
        var fits =
            parts[1].Length is 0 or HashDigits
            && parts[1].All(char.IsAsciiHexDigitLower)
            && (parts[2].Length == 0 || SubmissionReader.IsId(parts[2]));
        return fits
            ? new ButtonData(act, parts[1], parts[2])
            : new ButtonData(ButtonAct.Unknown, "", "");
    }
}
