import { autocompletion, closeBrackets, completionKeymap, startCompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { QueryMistake } from '../api/problem';
import { nonce } from '../frame/nonce';
import { useTimeRange } from '../time/TimeContext';
import { completions } from './completions';
import classes from './Search.module.css';
import { traceql } from './traceql-language';

type Props = {
  value: string;
  change(value: string): void;
  submit(value: string): void;
  /** What the server found wrong with `asked`. */
  mistake: QueryMistake | null;
  asked: string;
  autoFocus: boolean;
};

/** TraceQL with colours, completion, and mistakes underlined where they are. Enter asks, Shift Enter makes a line. */
export default function QueryEditor({ value, change, submit, mistake, asked, autoFocus }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const range = useTimeRange();
  const now = useRef({ change, submit, since: range.sinceUnixNano, until: range.untilUnixNano });
  now.current = { change, submit, since: range.sinceUnixNano, until: range.untilUnixNano };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once and follows `value` below
  useEffect(() => {
    const editor = new EditorView({
      parent: holder.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          EditorView.lineWrapping,
          history(),
          closeBrackets(),
          traceql(),
          placeholder('{ resource.service.name = "orders" && status = error }'),
          autocompletion({ override: [completions(() => now.current)], activateOnTyping: true, icons: false }),
          keymap.of([
            ...completionKeymap,
            {
              key: 'Enter',
              run: (target) => {
                now.current.submit(target.state.doc.toString());
                return true;
              },
              shift: () => false,
            },
            {
              key: 'Escape',
              run: (target) => {
                target.contentDOM.blur();
                return true;
              },
            },
            ...historyKeymap,
            ...defaultKeymap,
          ]),
          EditorView.contentAttributes.of({ 'aria-label': 'TraceQL query', 'data-search-focus': 'true' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) now.current.change(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    if (autoFocus) {
      editor.focus();
      const inside = editor.state.doc.toString() === '{}' ? 1 : editor.state.doc.length;
      editor.dispatch({ selection: { anchor: inside } });
      if (inside === 1) startCompletion(editor);
    }
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const length = editor.state.doc.length;
    const current = mistake && value === asked;
    const from = current ? Math.min(mistake.position, Math.max(0, length - 1)) : 0;
    const to = current ? Math.min(length, Math.max(from + 1, mistake.position + mistake.length)) : 0;
    editor.dispatch(
      setDiagnostics(editor.state, current ? [{ from, to, severity: 'error', message: mistake.suggestion ?? 'Here' }] : []),
    );
  }, [mistake, asked, value]);

  return <div ref={holder} className={classes.editor} />;
}
