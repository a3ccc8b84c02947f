using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Decisions.Runners;

/// <summary>A command line that a person is asked about: what it is, and what of it is shown.</summary>
public static class CommandText
{
    /// <summary>Longest command as it is shown, characters. What is longer is not asked about: nobody can judge what is not shown whole, and a chat takes little more.</summary>
    public const int ShownMax = 600;

    /// <summary>Longest folder as it is shown, characters.</summary>
    public const int FolderShownMax = 200;

    /// <summary>
    /// The text with everything but printable ASCII as <c>\u{HEX}</c>: no escape sequence reaches a terminal, no line ends
    /// early, and no letter of another script passes for the one that it looks like.
    /// </summary>
    public static string Shown(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.All(c => c is >= ' ' and <= '~'))
        {
            return text;
        }
        var shown = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= ' ' and <= '~')
            {
                shown.Append((char)rune.Value);
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
            }
        }
        return shown.ToString();
    }

    /// <summary>SHA-256 of folder and command exactly as they are, 64 hex digits. Neither can hold the NUL between them.</summary>
    /// <param name="folder">Relative to the worktree, '/' separated; empty = the worktree.</param>
    /// <param name="command">The command line.</param>
    public static string Hash(string folder, string command) => Digest($"{folder}\0{command}");

    /// <summary>What an answer names: the command as one attempt asked for it, so that an old yes is none to a later question.</summary>
    public static string QuestionHash(string commandHash, int attempt) =>
        Digest(string.Create(CultureInfo.InvariantCulture, $"{commandHash}\0{attempt}"));

    private static string Digest(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
