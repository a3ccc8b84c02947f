using System.Text;

namespace Orchestrator.Decisions.Runners;

/// <summary>One command of a shell's line.</summary>
/// <param name="Words">Program and arguments, quotes removed.</param>
/// <param name="Targets">Where it is redirected.</param>
internal sealed record ShellCommand(string[] Words, IReadOnlyList<ShellTarget> Targets);

/// <summary>A file that a redirection names.</summary>
/// <param name="Path">As written.</param>
/// <param name="Writes">True for <c>&gt;</c>, false for <c>&lt;</c>.</param>
internal readonly record struct ShellTarget(string Path, bool Writes);

/// <summary>
/// A command line of a POSIX shell, as far as it says plainly what it runs. What is only known when it runs (substitutions,
/// variables, expansions of braces, documents in the line, subshells) is not read at all.
/// </summary>
internal static class ShellLine
{
    private const int CharactersMax = 64 * 1024;
    private const int WordsMax = 1_000;

    /// <summary>The commands in order; null with the reason when it is not read.</summary>
    public static IReadOnlyList<ShellCommand>? Read(string text, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        var line = new Line();
        problem =
            text.Length > CharactersMax ? $"is longer than {CharactersMax} characters"
            : text.Contains('\0', StringComparison.Ordinal) ? "holds a NUL"
            : line.Read(text);
        return problem.Length == 0 ? line.Commands : null;
    }

    private sealed class Line
    {
        private readonly StringBuilder word = new();
        private List<string> words = [];
        private List<ShellTarget> targets = [];
        private bool inWord;
        private bool? redirects; // of the next word: true = written, false = read
        private int count;

        public List<ShellCommand> Commands { get; } = [];

        public string Read(string text)
        {
            for (var i = 0; i < text.Length; i++)
            {
                var problem = text[i] switch
                {
                    '\'' => Quoted(text, ref i),
                    '"' => DoublyQuoted(text, ref i),
                    '\\' => Escaped(text, ref i),
                    '$' => "holds a variable or a substitution",
                    '`' => "holds a substitution",
                    '(' or ')' => "holds a subshell",
                    '{' when Expands(text, i) => "holds an expansion of braces",
                    '<' or '>' => Redirected(text, ref i),
                    '&' when i + 1 < text.Length && text[i + 1] == '>' => Both(text, ref i),
                    ';' or '|' or '&' or '\n' => EndCommand(),
                    ' ' or '\t' or '\r' => EndWord(),
                    var c => Take(c),
                };
                if (problem.Length > 0)
                {
                    return problem;
                }
            }
            return EndCommand();
        }

        private string Take(char c)
        {
            word.Append(c);
            inWord = true;
            return "";
        }

        private string Quoted(string text, ref int i)
        {
            var end = text.IndexOf('\'', i + 1);
            if (end < 0)
            {
                return "has a quote without its end";
            }
            word.Append(text, i + 1, end - i - 1);
            inWord = true;
            i = end;
            return "";
        }

        private string DoublyQuoted(string text, ref int i)
        {
            inWord = true;
            for (i++; i < text.Length; i++)
            {
                switch (text[i])
                {
                    case '"':
                        return "";
                    case '$' or '`':
                        return "holds a variable or a substitution";
                    case '\\' when i + 1 < text.Length && "\"\\$`".Contains(text[i + 1]):
                        word.Append(text[++i]);
                        break;
                    case var c:
                        word.Append(c);
                        break;
                }
            }
            return "has a quote without its end";
        }

        private string Escaped(string text, ref int i)
        {
            if (++i == text.Length)
            {
                return "ends with a backslash";
            }
            // Before the end of a line it joins two lines.
            return text[i] == '\n' ? "" : Take(text[i]);
        }

        // "{a,b}" and "{1..3}" are several words; "{}" and "HEAD@{1}" are not.
        private static bool Expands(string text, int open)
        {
            var end = text.IndexOfAny(['}', ' ', '\n'], open);
            var inside = end < 0 ? text[open..] : text[open..end];
            return inside.Contains(',', StringComparison.Ordinal)
                || inside.Contains("..", StringComparison.Ordinal);
        }

        private string Redirected(string text, ref int i)
        {
            var writes = text[i] == '>';
            // "2>x": the number belongs to the sign.
            if (inWord && word.ToString().All(char.IsAsciiDigit))
            {
                word.Clear();
                inWord = false;
            }
            var problem = EndWord();
            if (problem.Length > 0)
            {
                return problem;
            }
            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (!writes && next is '<' or '(' or '>')
            {
                return next == '>'
                    ? Begin(writes: true, ref i, 1)
                    : "holds a document or a substitution";
            }
            if (writes && next == '(')
            {
                return "holds a substitution";
            }
            if (next == '&')
            {
                var end = i + 2;
                while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '-'))
                {
                    end++;
                }
                if (end > i + 2)
                {
                    i = end - 1; // ">&2": another stream, no file
                    return "";
                }
            }
            return Begin(writes, ref i, writes && next is '>' or '|' or '&' ? 1 : 0);
        }

        private string Both(string text, ref int i)
        {
            var problem = EndWord();
            return problem.Length > 0
                ? problem
                : Begin(writes: true, ref i, i + 2 < text.Length && text[i + 2] == '>' ? 2 : 1);
        }

        private string Begin(bool writes, ref int i, int further)
        {
            i += further;
            redirects = writes;
            return "";
        }

        private string EndWord()
        {
            if (!inWord)
            {
                return "";
            }
            if (++count > WordsMax)
            {
                return $"has more than {WordsMax} words";
            }
            if (redirects is { } writes)
            {
                targets.Add(new ShellTarget(word.ToString(), writes));
            }
            else
            {
                words.Add(word.ToString());
            }
            redirects = null;
            word.Clear();
            inWord = false;
            return "";
        }

        private string EndCommand()
        {
            var problem = EndWord();
            if (problem.Length > 0)
            {
                return problem;
            }
            if (redirects is not null)
            {
                return "redirects to nothing";
            }
            if (words.Count > 0 || targets.Count > 0)
            {
                Commands.Add(new ShellCommand([.. words], targets));
                (words, targets) = ([], []);
            }
            return "";
        }
    }
}
