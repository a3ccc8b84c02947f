namespace Orchestrator.Decisions.Observability;

/// <summary>
/// Keeps the number of series bounded: of a label whose values nobody can list beforehand the first values are kept, and
/// every later one counts as <see cref="Other"/>. Thread-safe.
/// </summary>
/// <param name="most">Different values of each label.</param>
public sealed class LabelLimit(int most = 48)
{
    /// <summary>What stands for the values beyond the limit.</summary>
    public const string Other = "other";

    /// <summary>What stands for no value.</summary>
    public const string None = "none";

    private const int LengthMax = 64;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Dictionary<string, string>> kept = new(
        StringComparer.Ordinal
    );

    /// <summary>The value to use: at most 64 letters, digits and <c>. _ - : /</c> of it.</summary>
    /// <param name="label">The label's name; from the catalogue.</param>
    /// <param name="value">Its value.</param>
    /// <param name="clean">Takes secrets out of a value that is seen for the first time.</param>
    public string Of(string label, string value, Func<string, string> clean)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(clean);
        if (value.Length == 0)
        {
            return None;
        }
        lock (gate)
        {
            if (!kept.TryGetValue(label, out var values))
            {
                kept[label] = values = new(StringComparer.Ordinal);
            }
            if (values.TryGetValue(value, out var known))
            {
                return known;
            }
            if (values.Count >= most || value.Length > LengthMax)
            {
                return Other;
            }
            return values[value] = Plain(clean(value));
        }
    }

    /// <summary>At most 64 characters of a value, with <c>_</c> for what is no letter, digit or <c>. _ - : /</c>.</summary>
    public static string Plain(string value) =>
        string.Concat(
            (value ?? "")
                .Take(LengthMax)
                .Select(c =>
                    char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/' ? c : '_'
                )
        );
}
