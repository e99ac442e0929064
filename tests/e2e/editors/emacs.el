;;; emacs.el --- Does in Emacs what a person does, and writes down what the person sees  -*- lexical-binding: t -*-

;;; Commentary:
;; The set-up is the one in docs/editors.md, loaded before this script.
;; Takes REGREEN_PLAN: {"root": folder, "source": file, "test": file, "result": file}.
;; Eglot asks before an edit that comes from the server; nobody is there to answer, so the first fix is refused.

;;; Code:

(package-initialize)
(require 'cl-lib)
(require 'eglot)
(require 'json)
(require 'python)

(defconst regreen-patience 120)
(defvar regreen-plan (json-parse-string (getenv "REGREEN_PLAN") :object-type 'plist :array-type 'list))
(defvar regreen-seen '())

(defun regreen-note (key value)
  "Write down VALUE under KEY."
  (setq regreen-seen (plist-put regreen-seen key value)))

(defun regreen-wait (what condition)
  "Let the server talk until CONDITION holds; WHAT names it."
  (let ((deadline (+ (float-time) regreen-patience)))
    (while (not (funcall condition))
      (when (< deadline (float-time))
        (error "Waited in vain for %s" what))
      (accept-process-output nil 0.05))))

(defun regreen-text (buffer)
  "Return the text of BUFFER."
  (with-current-buffer buffer (buffer-substring-no-properties (point-min) (point-max))))

(defun regreen-red (buffers)
  "Return the first of our diagnostics in BUFFERS, as (BUFFER . DIAGNOSTIC)."
  (cl-loop for buffer in buffers
           for found = (with-current-buffer buffer (car (flymake-diagnostics)))
           when found return (cons buffer found)))

(defun regreen-titles (where)
  "Return the titles of the code actions at WHERE."
  (mapcar (lambda (action) (plist-get action :title)) (eglot-code-actions where where)))

(defun regreen-choose (title where)
  "Choose the code action TITLE at WHERE."
  (cl-letf (((symbol-function 'completing-read) (lambda (&rest _) title))
            (last-nonmenu-event t))     ; as if a key had been pressed, not the mouse
    (eglot-code-actions where where nil t)))

(defun regreen-lenses ()
  "Return the lenses of the current buffer."
  (append (jsonrpc-request (eglot--current-server-or-lose) :textDocument/codeLens
                           (list :textDocument (eglot--TextDocumentIdentifier)))
          nil))

(defun regreen-hover ()
  "Return what a hover at point shows."
  (let ((answer (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover
                                 (eglot--TextDocumentPositionParams))))
    (or (plist-get (plist-get answer :contents) :value) "")))

(defun regreen-scene ()
  "Play the scene."
  (let* ((source (find-file-noselect (plist-get regreen-plan :source)))
         (test (find-file-noselect (plist-get regreen-plan :test)))
         (before (regreen-text source))
         (eglot-sync-connect t)
         red server)
    (with-current-buffer test
      (apply #'eglot (eglot--guess-contact)) ; what M-x eglot does
      (setq server (eglot--current-server-or-lose)))
    (with-current-buffer source (eglot--maybe-activate-editing-mode))
    (dolist (buffer (list source test)) ; what Emacs does itself when it is idle
      (with-current-buffer buffer (flymake-start)))
    (with-current-buffer test
      (regreen-wait "the lenses above the tests" #'regreen-lenses)
      (set-buffer-modified-p t)
      (save-buffer))                    ; saving runs the tests
    (regreen-wait "a diagnostic" (lambda () (setq red (regreen-red (list test source)))))
    (regreen-note :diagnostic (flymake-diagnostic-text (cdr red)))

    (with-current-buffer (car red)
      (let ((where (flymake-diagnostic-beg (cdr red))))
        (regreen-note :actions (vconcat (regreen-titles where)))
        (regreen-choose "Fix with agent" where)
        (regreen-wait "the refused fix to be offered again"
                      (lambda () (member "Apply the kept fix" (regreen-titles where))))
        (regreen-note :untouched (if (equal before (regreen-text source)) t :false))
        (setq eglot-confirm-server-initiated-edits nil)
        (regreen-choose "Apply the kept fix" where)
        (regreen-wait "the edit" (lambda () (not (equal before (regreen-text source)))))))
    (regreen-note :fixed (regreen-text source))
    (with-current-buffer source (save-buffer))
    (regreen-wait "the diagnostics to vanish" (lambda () (not (regreen-red (list test source)))))

    (with-current-buffer test
      (goto-char (point-min))
      (search-forward "def test_")
      (regreen-note :hover (regreen-hover)))
    (let ((process (jsonrpc--process server)))
      (eglot-shutdown server)
      (regreen-wait "the server to end" (lambda () (not (process-live-p process))))
      (regreen-note :ended t))))

(regreen-note :problem
              (condition-case problem
                  (progn (regreen-scene) "")
                (error (error-message-string problem))))
(with-temp-file (plist-get regreen-plan :result)
  (insert (json-serialize regreen-seen :false-object :false)))
(kill-emacs 0)

;;; emacs.el ends here
